package io.idempotency.jdbc;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

import io.idempotency.store.Expiry;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Sha256;

/**
 * The parameters of statements, as the columns of the table have them. A row has the
 * digest of an owner token instead of the token, because the digest has a fixed length.
 */
final class RecordParameters {

	/**
	 * The expiry of records that never expire: ten thousand years. With it, the
	 * statements need no special case for such records.
	 */
	static final Duration FOR_EVER = Duration.ofDays(3_652_500);

	private RecordParameters() {
	}

	static Map<String, Object> of(Lease lease) {
		Map<String, Object> parameters = new HashMap<>();
		parameters.put("key", lease.key().hex());
		parameters.put("owner", owner(lease));
		return parameters;
	}

	static Map<String, Object> of(Lease lease, Expiry expiry) {
		Map<String, Object> parameters = of(lease);
		parameters.put("expiry", millis(expiry));
		return parameters;
	}

	static Map<String, Object> of(Lease lease, LeaseTerms terms) {
		Map<String, Object> parameters = of(lease);
		putTerms(parameters, terms);
		return parameters;
	}

	static Map<String, Object> of(Collection<Lease> leases, LeaseTerms terms) {
		Map<String, Object> parameters = new HashMap<>();
		parameters.put("keys", leases.stream().map((lease) -> lease.key().hex()).toList());
		parameters.put("owners", leases.stream().map(RecordParameters::owner).toList());
		putTerms(parameters, terms);
		return parameters;
	}

	private static void putTerms(Map<String, Object> parameters, LeaseTerms terms) {
		Expiry abandoned = terms.abandonedExpiry();
		parameters.put("lease", terms.duration().toMillis());
		parameters.put("stay", (abandoned != null) ? millis(abandoned) : 0L);
	}

	private static String owner(Lease lease) {
		return new Sha256().add(lease.ownerToken()).toHex();
	}

	private static long millis(Expiry expiry) {
		Duration duration = expiry.duration();
		return ((duration != null) ? duration : FOR_EVER).toMillis();
	}

}
