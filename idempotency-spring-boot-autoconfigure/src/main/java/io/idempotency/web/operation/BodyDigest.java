package io.idempotency.web.operation;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;

import io.idempotency.store.Sha256;
import io.idempotency.web.ProtectedRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;

/**
 * Adds the body of a request to a digest: the parameters of a form, the parts of a
 * multipart body, the content of JSON if {@code idempotency.fingerprint-json} is set, or
 * otherwise the bytes.
 */
final class BodyDigest {

	private final @Nullable JsonContent json;

	private final KeyParameter keyParameter;

	BodyDigest(BodyRules rules) {
		this.json = rules.json() ? new JsonContent(rules.ignored()) : null;
		this.keyParameter = rules.keyParameter();
	}

	void addTo(Sha256 digest, ProtectedRequest request) throws IOException {
		if (ContentTypes.isMultipart(request)) {
			List<ProtectedRequest.Part> parts = request.parts();
			if (parts != null) {
				addParts(digest, parts);
				return;
			}
		}
		if (ContentTypes.isForm(request)) {
			Map<String, List<String>> form = request.form();
			if (!form.isEmpty()) {
				addForm(digest, form);
				return;
			}
		}
		addBytes(digest, request);
	}

	private void addForm(Sha256 digest, Map<String, List<String>> form) {
		form.forEach((name, values) -> {
			if (!this.keyParameter.is(name)) {
				values.forEach((value) -> digest.add(name).add(value));
			}
		});
	}

	private void addParts(Sha256 digest, List<ProtectedRequest.Part> parts) throws IOException {
		for (ProtectedRequest.Part part : parts) {
			if (!this.keyParameter.is(part.name())) {
				digest.add(part.name()).add(part.fileName());
				try (InputStream content = part.open()) {
					digest.add(content);
				}
			}
		}
	}

	private void addBytes(Sha256 digest, ProtectedRequest request) throws IOException {
		byte[] start = request.bodyStart();
		long length = request.contentLength();
		if (length > start.length) {
			digest.add(start).addLength(length);
		}
		else if (this.json != null && JsonContent.isJson(request.header(HttpHeaders.CONTENT_TYPE))) {
			digest.add(this.json.canonicalize(start));
		}
		else {
			digest.add(start);
		}
	}

}
