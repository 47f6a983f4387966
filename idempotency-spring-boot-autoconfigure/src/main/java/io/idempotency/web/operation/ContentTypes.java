package io.idempotency.web.operation;

import io.idempotency.web.ProtectedRequest;

import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.util.StringUtils;

/**
 * Recognizes the content types of bodies that contain parameters.
 */
final class ContentTypes {

	/**
	 * Spring and containers read the parts of every kind of multipart body.
	 */
	private static final String MULTIPART = "multipart/";

	private ContentTypes() {
	}

	static boolean isForm(ProtectedRequest request) {
		return is(request, MediaType.APPLICATION_FORM_URLENCODED_VALUE);
	}

	static boolean isMultipart(ProtectedRequest request) {
		return is(request, MULTIPART);
	}

	private static boolean is(ProtectedRequest request, String contentType) {
		return StringUtils.startsWithIgnoreCase(request.header(HttpHeaders.CONTENT_TYPE), contentType);
	}

}
