package io.idempotency.web.operation;

import java.io.IOException;
import java.util.Set;

import io.idempotency.store.Fingerprint;
import io.idempotency.store.Sha256;
import io.idempotency.web.IdempotencyFingerprinter;
import io.idempotency.web.IdempotencyProperties;
import io.idempotency.web.IdempotencyProperties.FingerprintPart;
import io.idempotency.web.ProtectedRequest;

/**
 * Computes the fingerprint of a request as configured by the properties.
 */
public final class DefaultFingerprinter implements IdempotencyFingerprinter {

	private final Set<FingerprintPart> parts;

	private final BodyDigest body;

	private final KeyParameter keyParameter;

	/**
	 * Creates a fingerprinter.
	 * @param properties the settings of the application
	 */
	public DefaultFingerprinter(IdempotencyProperties properties) {
		this.parts = properties.fingerprint();
		BodyRules rules = BodyRules.of(properties);
		this.body = new BodyDigest(rules);
		this.keyParameter = rules.keyParameter();
	}

	@Override
	public Fingerprint fingerprint(ProtectedRequest request) throws IOException {
		if (this.parts.isEmpty()) {
			return Fingerprint.ANY;
		}
		Sha256 digest = new Sha256();
		if (this.parts.contains(FingerprintPart.QUERY)) {
			digest.add(this.keyParameter.removeFrom(request.query()));
		}
		if (this.parts.contains(FingerprintPart.BODY)) {
			this.body.addTo(digest, request);
		}
		return new Fingerprint(digest.toHex());
	}

}
