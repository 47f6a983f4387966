package io.idempotency.client;

import java.time.Clock;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;

/**
 * Decides which responses say that the request should be repeated.
 */
final class RefusalRules {

	/**
	 * The problem types that tell the client to repeat the request later with the same
	 * key. For other problems with status 409, a repeated request would fail again.
	 */
	private static final Pattern REPEATABLE_TYPE = Pattern.compile("(.*[:/#])?(in-progress|wait-timeout)");

	private static final Pattern SECONDS = Pattern.compile("\\d{1,18}");

	private final Set<Integer> statuses;

	private final Clock clock;

	RefusalRules(Set<Integer> statuses, Clock clock) {
		this.statuses = statuses;
		this.clock = clock;
	}

	boolean isRefusal(HttpStatusCode status) {
		return this.statuses.contains(status.value());
	}

	/**
	 * Returns whether the body has to be read to decide.
	 */
	boolean isProblem(HttpStatusCode status, @Nullable MediaType contentType) {
		return status.value() == HttpStatus.CONFLICT.value()
				&& MediaType.APPLICATION_PROBLEM_JSON.equalsTypeAndSubtype(contentType);
	}

	boolean isRefusal(byte[] problem) {
		try {
			String type = JsonMapper.shared().readTree(problem).path("type").asString("");
			return REPEATABLE_TYPE.matcher(type).matches();
		}
		catch (JacksonException ex) {
			return false;
		}
	}

	/**
	 * Returns how long the service asks the client to wait. The header contains seconds
	 * or a date (RFC 9110, section 10.2.3).
	 */
	@Nullable Duration retryAfter(HttpHeaders headers) {
		String value = headers.getFirst(HttpHeaders.RETRY_AFTER);
		if (value == null) {
			return null;
		}
		if (SECONDS.matcher(value.trim()).matches()) {
			return Duration.ofSeconds(Long.parseLong(value.trim()));
		}
		try {
			ZonedDateTime date = headers.getFirstZonedDateTime(HttpHeaders.RETRY_AFTER);
			Duration wait = (date != null) ? Duration.between(this.clock.instant(), date) : Duration.ZERO;
			return wait.isNegative() ? Duration.ZERO : wait;
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

}
