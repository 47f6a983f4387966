package io.idempotency.web.servlet;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;

import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.web.gate.Decision;
import io.idempotency.web.gate.ExposedHeaders;
import io.idempotency.web.gate.Patience;
import io.idempotency.web.gate.RequestGate;
import io.idempotency.web.operation.KeyReader;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.http.server.ServletServerHttpRequest;

/**
 * Asks the gate about a request whose handler is about to run, and prepares the exchange
 * for the decision.
 */
final class RequestAdmission {

	private final KeyReader keys;

	private final RequestGate gate;

	private final RunRules runRules;

	private final Duration waitTimeout;

	private final ExposedHeaders exposedHeaders;

	private final CommitFailures commitFailures;

	RequestAdmission(KeyReader keys, RequestGate gate, RunRules runRules, Duration waitTimeout,
			ExposedHeaders exposedHeaders, CommitFailures commitFailures) {
		this.keys = keys;
		this.gate = gate;
		this.runRules = runRules;
		this.waitTimeout = waitTimeout;
		this.exposedHeaders = exposedHeaders;
		this.commitFailures = commitFailures;
	}

	/**
	 * Decides about a request, and prepares its exchange for the decision. A body that no
	 * handler will read is discarded.
	 * @param handler how the handler is protected
	 * @return the decision
	 */
	Decision admit(HttpServletRequest request, HttpServletResponse response, HandlerProtection handler)
			throws IOException {
		IdempotencyExchange exchange = IdempotencyExchange.of(request);
		Decision decision = decide(request, exchange, handler);
		if (exchange != null) {
			exchange.decided();
		}
		if (!(decision instanceof Decision.Unprotected)) {
			expose(response);
		}
		if (decision instanceof Decision.Run run) {
			run(run, Objects.requireNonNull(exchange));
		}
		else if (decision instanceof Decision.Replay replay) {
			Objects.requireNonNull(exchange).retried(replay);
			if (!replay.operation().policy().manual()) {
				exchange.request().skipRest(true);
			}
		}
		else if (decision instanceof Decision.Refuse && exchange != null) {
			exchange.request().skipRest(false);
		}
		else if (decision instanceof Decision.Wait wait) {
			Objects.requireNonNull(exchange).suspended(wait);
			RestartableRequest.required(request).suspend(wait.change());
		}
		return decision;
	}

	private Decision decide(HttpServletRequest request, @Nullable IdempotencyExchange exchange,
			HandlerProtection handler) {
		ServletProtectedRequest view = new ServletProtectedRequest(request,
				(exchange != null) ? exchange.request() : null, handler.variant(), handler.matrixVariables());
		if (exchange == null && this.keys.mayHaveKey(view)) {
			throw new IllegalStateException("The idempotency filter did not see this request, so that its response"
					+ " cannot be captured: add it to the filter chain, in a test by @AutoConfigureMockMvc(addFilters = true)"
					+ " or IdempotencyMockMvcConfigurers.idempotency()");
		}
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

	/**
	 * Starts a run. If this fails, the record is released, because nothing else would
	 * settle it.
	 */
	private void run(Decision.Run run, IdempotencyExchange exchange) {
		try {
			exchange.run(run, firstRun(run, exchange));
		}
		catch (RuntimeException | Error ex) {
			run.execution().release();
			throw ex;
		}
	}

	private FirstRun firstRun(Decision.Run run, IdempotencyExchange exchange) {
		ProtectionPolicy policy = run.operation().policy();
		return policy.transactional()
				? new TransactionalRun(run, this.runRules, exchange.response(), this.commitFailures)
				: new FirstRun(run, this.runRules, exchange.response());
	}

	private void expose(HttpServletResponse response) {
		String exposed = this.exposedHeaders.addTo(response::getHeaders);
		if (exposed != null) {
			response.setHeader(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
		}
	}

}
