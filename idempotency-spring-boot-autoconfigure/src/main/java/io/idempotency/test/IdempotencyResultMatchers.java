package io.idempotency.test;

import org.jspecify.annotations.Nullable;

import org.springframework.test.web.servlet.MvcResult;
import org.springframework.test.web.servlet.ResultMatcher;
import org.springframework.web.ErrorResponse;

import static org.springframework.test.util.AssertionErrors.assertEquals;
import static org.springframework.test.util.AssertionErrors.assertNull;

/**
 * Matchers for the response to a request with an idempotency key. Use
 * {@code andExpect(replayed())} with {@code MockMvc}, and
 * {@code assertThat(result).matches(replayed())} with {@code MockMvcTester}.
 */
public final class IdempotencyResultMatchers {

	private static final String DETAIL_CODE = "problemDetail.io.idempotency.web.IdempotencyException.";

	private IdempotencyResultMatchers() {
	}

	/**
	 * Expects a replay of a stored response, which is marked by the header that
	 * {@code idempotency.replay-header} configures.
	 * @return a matcher
	 */
	public static ResultMatcher replayed() {
		return (result) -> {
			String header = HeaderName.REPLAY.in(result.getRequest());
			assertEquals("Response header '" + header + "' of a replay", "true", replayHeader(result, header));
		};
	}

	/**
	 * Expects a response that is not a replay.
	 * @return a matcher
	 */
	public static ResultMatcher notReplayed() {
		return (result) -> {
			String header = HeaderName.REPLAY.in(result.getRequest());
			assertNull("Response header '" + header + "', which marks a replay", replayHeader(result, header));
		};
	}

	private static @Nullable String replayHeader(MvcResult result, String header) {
		return result.getResponse().getHeader(header);
	}

	/**
	 * Expects the request to be refused because of its key, regardless of how the
	 * application reports this to its client.
	 * @param reason the last part of the problem type, such as {@code in-progress} or
	 * {@code key-reused}
	 * @return a matcher
	 */
	public static ResultMatcher refused(String reason) {
		return (result) -> assertEquals("Reason why the request is refused", reason, reason(result));
	}

	/**
	 * Returns the reason from the message code, which does not depend on
	 * {@code idempotency.problem-base-uri}.
	 */
	private static @Nullable String reason(MvcResult result) {
		return (result.getResolvedException() instanceof ErrorResponse refusal
				&& refusal.getDetailMessageCode().startsWith(DETAIL_CODE))
						? refusal.getDetailMessageCode().substring(DETAIL_CODE.length()) : null;
	}

}
