package io.idempotency.web.servlet;

import java.io.IOException;
import java.time.Duration;

import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.web.gate.Decision;
import io.idempotency.web.gate.ExposedHeaders;
import io.idempotency.web.gate.Patience;
import io.idempotency.web.gate.RequestGate;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.http.server.ServletServerHttpRequest;

/**
 * Asks the gate about the request of a handler that is about to run, and prepares the
 * exchange for what it decides.
 */
final class RequestAdmission {

	private final RequestGate gate;

	private final RunRules runRules;

	private final Duration waitTimeout;

	private final ExposedHeaders exposedHeaders;

	private final CommitFailures commitFailures;

	RequestAdmission(RequestGate gate, RunRules runRules, Duration waitTimeout, ExposedHeaders exposedHeaders,
			CommitFailures commitFailures) {
		this.gate = gate;
		this.runRules = runRules;
		this.waitTimeout = waitTimeout;
		this.exposedHeaders = exposedHeaders;
		this.commitFailures = commitFailures;
	}

	/**
	 * Decides about a request.
	 * @param handler how the handler is protected
	 * @return the decision, for which the exchange is prepared
	 */
	Decision admit(HttpServletRequest request, HttpServletResponse response, HandlerProtection handler) {
		IdempotencyExchange exchange = IdempotencyExchange.of(request);
		Decision decision = decide(request, exchange, handler);
		if (exchange != null) {
			exchange.decided();
		}
		if (!(decision instanceof Decision.Unprotected)) {
			expose(response);
		}
		if (decision instanceof Decision.Run run) {
			IdempotencyExchange running = required(exchange);
			running.run(run, firstRun(run, running));
		}
		else if (decision instanceof Decision.Replay replay) {
			required(exchange).retried(replay);
		}
		else if (decision instanceof Decision.Wait wait) {
			required(exchange).suspended(wait);
			RestartableRequest.required(request).suspend(wait.change());
		}
		return decision;
	}

	private Decision decide(HttpServletRequest request, @Nullable IdempotencyExchange exchange,
			HandlerProtection handler) {
		ServletProtectedRequest view = new ServletProtectedRequest(request,
				(exchange != null) ? exchange.request() : null, handler.variant(), handler.matrixVariables());
		try {
			return this.gate.decide(handler.policy(), view, () -> patience(request));
		}
		catch (IOException ex) {
			throw new HttpMessageNotReadableException("The request's body could not be read", ex,
					new ServletServerHttpRequest(request));
		}
	}

	private Patience patience(HttpServletRequest request) {
		RestartableRequest restartable = RestartableRequest.of(request);
		return (restartable != null) ? restartable.patience(this.waitTimeout) : Patience.none();
	}

	private FirstRun firstRun(Decision.Run run, IdempotencyExchange exchange) {
		ProtectionPolicy policy = run.operation().policy();
		return policy.transactional()
				? new TransactionalRun(run.execution(), run.hold(), this.runRules, exchange.response(),
						this.commitFailures)
				: new FirstRun(run.execution(), run.hold(), this.runRules, exchange.response());
	}

	private static IdempotencyExchange required(@Nullable IdempotencyExchange exchange) {
		if (exchange == null) {
			throw new IllegalStateException("The idempotency filter did not see this request, so that its response"
					+ " cannot be captured: add it to the filter chain");
		}
		return exchange;
	}

	private void expose(HttpServletResponse response) {
		String exposed = this.exposedHeaders.addTo(response::getHeaders);
		if (exposed != null) {
			response.setHeader(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
		}
	}

}
