package io.idempotency.sample.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Set;

import org.springframework.http.HttpRequest;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;

/**
 * Sees each attempt of a payment, says what becomes of it, and knows whether one of them
 * may have paid. It comes behind what repeats the request.
 */
final class Attempts implements ClientHttpRequestInterceptor {

	/**
	 * Statuses that services answer while an earlier request with the key still runs.
	 */
	private static final Set<Integer> IN_PROGRESS = Set.of(408, 409, 423, 425);

	private final PrintStream err;

	private final int most;

	private int count;

	private boolean anyUnknown;

	private boolean underWay;

	/**
	 * Creates an observer of attempts.
	 * @param err where it says what becomes of them
	 * @param most how many there may be
	 */
	Attempts(PrintStream err, int most) {
		this.err = err;
		this.most = most;
	}

	@Override
	public ClientHttpResponse intercept(HttpRequest request, byte[] body, ClientHttpRequestExecution execution)
			throws IOException {
		start();
		try {
			ClientHttpResponse response = execution.execute(request, body);
			end(response.getStatusCode());
			return response;
		}
		catch (IOException ex) {
			end(ex);
			throw ex;
		}
	}

	private synchronized void start() {
		this.count++;
		this.underWay = true;
		if (this.count > 1) {
			this.err.println("Trying again with the same key, attempt " + this.count + " of " + this.most + ".");
		}
	}

	/**
	 * A success counts as unknown here, since its body may still break off. That and a
	 * refusal are told by the one who sends.
	 */
	private synchronized void end(HttpStatusCode status) {
		this.underWay = false;
		if (isUnknown(status)) {
			this.anyUnknown = true;
			if (!status.is2xxSuccessful()) {
				this.err.println("Attempt " + this.count + ": the service answers with status " + status.value() + ".");
			}
		}
	}

	private synchronized void end(IOException failure) {
		this.underWay = false;
		this.anyUnknown |= isUnknown(failure);
		this.err.println("Attempt " + this.count + ": no answer. " + describe(failure));
	}

	/**
	 * Returns whether it may be that an attempt has paid, or still will.
	 */
	synchronized boolean mayHavePaid() {
		return this.anyUnknown || this.underWay;
	}

	/**
	 * Returns whether a status leaves open what became of the payment. One of the
	 * server's errors may come from a gateway, or from a handler that has paid and then
	 * failed.
	 */
	static boolean isUnknown(HttpStatusCode status) {
		return !status.is4xxClientError() || IN_PROGRESS.contains(status.value());
	}

	/**
	 * Where there was no connection, nothing was sent.
	 */
	private static boolean isUnknown(IOException failure) {
		return !(failure instanceof ConnectException || failure instanceof HttpConnectTimeoutException);
	}

	private static String describe(IOException failure) {
		if (isUnknown(failure)) {
			return failure + ".";
		}
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof UnresolvedAddressException) {
				return "The host is unknown.";
			}
		}
		return (failure instanceof ConnectException) ? "The connection is refused." : "The connection takes too long.";
	}

}
