package io.idempotency.gauntlet;

import java.util.concurrent.CompletableFuture;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * An endpoint that cannot run in a transaction.
 */
@Configuration(proxyBeanMethods = false)
class AsyncRoutes {

	@Bean
	RouterFunction<ServerResponse> answeringLater(Ledger ledger) {
		return RouterFunctions.route().POST("/r/future", (request) -> {
			Runnable charge = ledger.later();
			return ServerResponse.async(CompletableFuture.supplyAsync(() -> {
				charge.run();
				return ServerResponse.ok().body("future");
			}));
		}).build();
	}

}
