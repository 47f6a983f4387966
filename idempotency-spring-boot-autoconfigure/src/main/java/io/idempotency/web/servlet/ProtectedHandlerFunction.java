package io.idempotency.web.servlet;

import java.util.Objects;

import io.idempotency.web.gate.Decision;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.web.servlet.function.AsyncServerResponse;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * A functional endpoint that applies the decision about a request behind the filters of
 * its router: requests that the filters refuse do not claim a key, and the filters see a
 * replay like any other response.
 */
final class ProtectedHandlerFunction implements HandlerFunction<ServerResponse> {

	private static final String RESPONSE = ProtectedHandlerFunction.class.getName() + ".RESPONSE";

	private final HandlerFunction<?> handler;

	private final @Nullable String variant;

	private final FunctionalProtection protection;

	ProtectedHandlerFunction(HandlerFunction<?> handler, @Nullable String variant, FunctionalProtection protection) {
		this.handler = handler;
		this.variant = variant;
		this.protection = protection;
	}

	/**
	 * Keeps the response of a request, because a handler function does not receive it.
	 */
	static void remember(HttpServletRequest request, HttpServletResponse response) {
		request.setAttribute(RESPONSE, response);
	}

	@Override
	public ServerResponse handle(ServerRequest request) throws Exception {
		HttpServletRequest servletRequest = request.servletRequest();
		IdempotencyExchange exchange = IdempotencyExchange.of(servletRequest);
		HandlerProtection policy = this.protection.protectionOf(servletRequest, this.variant);
		boolean candidate = (exchange == null || exchange.phase() instanceof Phase.Candidate)
				&& !ErrorPages.isErrorPage(servletRequest);
		if (policy == null || !candidate
				|| !(servletRequest.getAttribute(RESPONSE) instanceof HttpServletResponse response)) {
			return this.handler.handle(request);
		}
		Decision decision = this.protection.admission().admit(servletRequest, response, policy);
		if (decision instanceof Decision.Run) {
			return run(request, Objects.requireNonNull(exchange));
		}
		if (decision instanceof Decision.Refuse refuse) {
			throw refuse.exception();
		}
		if (decision instanceof Decision.Replay replay) {
			return new ReplayedServerResponse(replay, this.protection.replay());
		}
		if (decision instanceof Decision.Wait) {
			// This response is not sent: the request will be processed again.
			return ServerResponse.ok().build();
		}
		return this.handler.handle(request);
	}

	private ServerResponse run(ServerRequest request, IdempotencyExchange exchange) throws Exception {
		FirstRun run = Objects.requireNonNull(exchange.run());
		try {
			ServerResponse response = this.handler.handle(request);
			if (!(response instanceof AsyncServerResponse)) {
				run.handler().returned();
			}
			return response;
		}
		catch (Exception ex) {
			run.handler().failed(ex);
			throw ex;
		}
	}

}
