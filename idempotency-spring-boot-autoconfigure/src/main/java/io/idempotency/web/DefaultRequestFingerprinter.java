package io.idempotency.web;

import java.io.IOException;

import io.idempotency.store.Fingerprint;
import io.idempotency.web.IdempotencyProperties.FingerprintPart;

/**
 * The fingerprint that the properties describe.
 */
final class DefaultRequestFingerprinter implements RequestFingerprinter {

	private final IdempotencyProperties properties;

	private final BodyDigest body;

	private final KeyParameter keyParameter;

	DefaultRequestFingerprinter(IdempotencyProperties properties) {
		this.properties = properties;
		this.body = new BodyDigest(properties);
		this.keyParameter = new KeyParameter(properties.keyParameter());
	}

	@Override
	public Fingerprint fingerprint(ProtectedRequest request) throws IOException {
		if (this.properties.fingerprint().isEmpty()) {
			return Fingerprint.ANY;
		}
		Sha256 digest = new Sha256();
		if (this.properties.fingerprint().contains(FingerprintPart.QUERY)) {
			digest.add(this.keyParameter.removeFrom(request.servletRequest().getQueryString()));
		}
		if (this.properties.fingerprint().contains(FingerprintPart.BODY)) {
			this.body.addTo(digest, request);
		}
		return new Fingerprint(digest.toHex());
	}

}
