package io.idempotency.method;

import java.util.List;

import io.idempotency.Idempotent;
import io.idempotency.engine.IdempotencyEvent;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import io.idempotency.testing.Worker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.core.context.SecurityContextHolder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Method security stands outside: what it refuses claims no key, and gets no result of
 * somebody else's.
 */
class SecuredMethodTests {

	private static final Runs RUNS = new Runs();

	private final String key = TestApp.newKey();

	@AfterEach
	void logOut() {
		SecurityContextHolder.clearContext();
	}

	@Test
	@DisplayName("V1: a call that security refuses claims no key, and gets no stored result")
	void refusedCallClaimsNoKey() {
		try (Worker worker = Worker.start(List.of(Secured.class), StoreKind.MEMORY)) {
			Payments payments = worker.bean(Payments.class);
			logIn("ROLE_GUEST");
			assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> payments.pay(this.key));
			assertThat(RUNS.count(this.key)).isZero();
			assertThat(worker.bean(Heard.class).events).isZero();
			logIn("ROLE_CLERK");
			assertThat(payments.pay(this.key)).isEqualTo("paid");
			logIn("ROLE_GUEST");
			assertThatExceptionOfType(AccessDeniedException.class).isThrownBy(() -> payments.pay(this.key));
			assertThat(RUNS.count(this.key)).isOne();
		}
	}

	private static void logIn(String authority) {
		SecurityContextHolder.getContext()
			.setAuthentication(new TestingAuthenticationToken("somebody", "secret", authority));
	}

	static class Payments {

		@Idempotent(key = "#key")
		@PreAuthorize("hasRole('CLERK')")
		public String pay(String key) {
			RUNS.next(key);
			return "paid";
		}

	}

	static class Heard implements IdempotencyListener {

		private int events;

		@Override
		public void onRequest(IdempotencyEvent event) {
			this.events++;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableMethodSecurity(proxyTargetClass = true)
	static class Secured {

		@Bean
		Payments payments() {
			return new Payments();
		}

		@Bean
		Heard heard() {
			return new Heard();
		}

	}

}
