package io.idempotency.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import io.idempotency.testing.LocalServer;
import jakarta.servlet.http.HttpServletRequest;

import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

import static org.awaitility.Awaitility.await;

/**
 * A moment in the handling of a payment at which the process can be made to halt, or to
 * hold the request, by a header that names it.
 */
enum Moment {

	/**
	 * The key is claimed, the handler's transaction not begun.
	 */
	AFTER_CLAIM,

	/**
	 * The handler has inserted the payment.
	 */
	IN_HANDLER,

	/**
	 * The record is completed in the handler's transaction.
	 */
	BEFORE_COMMIT,

	/**
	 * All is committed, no byte of the response sent.
	 */
	AFTER_COMMIT;

	static final String HALT = "X-Halt";

	static final String HOLD = "X-Hold";

	/**
	 * Says that the moment has come.
	 */
	void reached() {
		if (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes) {
			HttpServletRequest request = attributes.getRequest();
			if (name().equals(request.getHeader(HALT))) {
				Runtime.getRuntime().halt(137);
			}
			if (name().equals(request.getHeader(HOLD))) {
				hold();
			}
		}
	}

	/**
	 * Waits until somebody deletes the file that says so.
	 */
	private static void hold() {
		try {
			Path held = Files.createFile(Path.of(SampleInstance.HELD));
			await().atMost(LocalServer.PATIENCE).until(() -> Files.notExists(held));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
