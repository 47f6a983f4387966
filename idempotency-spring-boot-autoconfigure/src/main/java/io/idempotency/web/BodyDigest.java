package io.idempotency.web;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;
import org.jspecify.annotations.Nullable;

import org.springframework.web.multipart.MultipartHttpServletRequest;
import org.springframework.web.util.WebUtils;

/**
 * Digests what a request's body says: the parameters of a form, the parts of a multipart
 * body, the content of JSON where that is asked for, else the bytes.
 */
final class BodyDigest {

	private final @Nullable JsonContent json;

	private final KeyParameter keyParameter;

	BodyDigest(IdempotencyProperties properties) {
		this.json = properties.fingerprintJson() ? new JsonContent(properties.fingerprintIgnore()) : null;
		this.keyParameter = new KeyParameter(properties.keyParameter());
	}

	void addTo(Sha256 digest, ProtectedRequest request) throws IOException {
		HttpServletRequest servletRequest = request.servletRequest();
		RepeatableRequest repeatable = WebUtils.getNativeRequest(servletRequest, RepeatableRequest.class);
		if (repeatable != null && repeatable.isForm()) {
			addForm(digest, repeatable.formParameters(), request);
		}
		else if (WebUtils.getNativeRequest(servletRequest, MultipartHttpServletRequest.class) != null) {
			addParts(digest, servletRequest);
		}
		else {
			addBytes(digest, request);
		}
	}

	/**
	 * A container that does not parse the forms of this method leaves the bytes.
	 */
	private void addForm(Sha256 digest, Map<String, List<String>> form, ProtectedRequest request) throws IOException {
		form.forEach((name, values) -> {
			if (!this.keyParameter.is(name)) {
				values.forEach((value) -> digest.add(name).add(value));
			}
		});
		if (form.isEmpty()) {
			digest.add(request.bodyStart());
		}
	}

	private void addParts(Sha256 digest, HttpServletRequest request) throws IOException {
		try {
			for (Part part : request.getParts()) {
				if (!this.keyParameter.is(part.getName())) {
					addPart(digest, part);
				}
			}
		}
		catch (ServletException ex) {
			throw new IOException("The parts of the request could not be read", ex);
		}
	}

	private static void addPart(Sha256 digest, Part part) throws IOException {
		digest.add(part.getName()).add(part.getSubmittedFileName());
		try (InputStream content = part.getInputStream()) {
			digest.add(content);
		}
	}

	private void addBytes(Sha256 digest, ProtectedRequest request) throws IOException {
		byte[] start = request.bodyStart();
		HttpServletRequest servletRequest = request.servletRequest();
		if (servletRequest.getContentLengthLong() > start.length) {
			digest.add(start).addLength(servletRequest.getContentLengthLong());
		}
		else if (this.json != null && JsonContent.isJson(servletRequest.getContentType())) {
			digest.add(this.json.canonicalize(start));
		}
		else {
			digest.add(start);
		}
	}

}
