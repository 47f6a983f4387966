package io.idempotency.policy;

import java.time.Duration;

import io.idempotency.store.Expiry;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings that HTTP endpoints, methods and listeners share.
 *
 * @param enabled Whether to enable idempotency support.
 * @param store Store that keeps the records. By default, Redis if the application has a
 * connection to Redis, and otherwise memory.
 * @param expiry How long an outcome is kept, counted from its completion. Use 0 or never
 * to keep it for ever.
 * @param maxKeyLength Maximum length of a key, in characters.
 * @param maxResultSize Maximum size of the result of a method, as JSON. A longer result
 * is not stored.
 * @param maxStepsSize Maximum total size of the results of all steps of a request, as
 * JSON.
 * @param leaseDuration How long a key remains blocked after the instance that handles its
 * request has died. A handler may take longer, because its lease is renewed.
 * @param maxLease Time after which the lease of a running handler is no longer renewed,
 * so that a handler that hangs does not block its key for ever. By default, the lease is
 * renewed until the handler ends.
 * @param outcomeRetention How long the outcome of a handler is kept in memory, and
 * storing it is retried, if the store does not accept it.
 * @param onAbandoned What to do with a request if the previous request with its key never
 * ended, and it is unknown whether that request had an effect.
 * @param onStoreFailure What to do with a request if the store does not answer.
 * @param purgeInterval How often expired records are removed from stores that do not
 * remove them automatically.
 * @param waitMaxRequests Maximum number of requests that may wait at the same time in
 * this instance. Further requests are refused immediately. Waiting requests are always
 * limited to a quarter of the heap, which is the only limit by default.
 */
@ConfigurationProperties("idempotency")
public record EngineProperties(@DefaultValue("true") boolean enabled, @Nullable StoreType store,
		@DefaultValue("24h") Expiry expiry, @DefaultValue("255") int maxKeyLength,
		@DefaultValue("1MB") DataSize maxResultSize, @DefaultValue("4MB") DataSize maxStepsSize,
		@DefaultValue("30s") Duration leaseDuration, @Nullable Duration maxLease,
		@DefaultValue("10m") Duration outcomeRetention, @DefaultValue("run") OnAbandoned onAbandoned,
		@DefaultValue("reject") OnStoreFailure onStoreFailure, @DefaultValue("1m") Duration purgeInterval,
		@Nullable Integer waitMaxRequests) {

	public EngineProperties {
		PropertyRules.require(maxKeyLength > 0, "max-key-length", "must be at least 1", maxKeyLength);
		PropertyRules.require(maxResultSize.toBytes() >= 0 && maxResultSize.toBytes() <= Integer.MAX_VALUE / 2,
				"max-result-size", "must be between 0 and 1 GB", maxResultSize);
		PropertyRules.require(maxStepsSize.toBytes() >= 0 && maxStepsSize.toBytes() <= Integer.MAX_VALUE / 4,
				"max-steps-size", "must be between 0 and 512 MB", maxStepsSize);
		PropertyRules.require(PropertyRules.isBetween(leaseDuration, Duration.ofMillis(100), Duration.ofDays(1)),
				"lease-duration", "must be between 100 ms and 1 day", leaseDuration);
		PropertyRules.require(maxLease == null || maxLease.compareTo(leaseDuration) >= 0, "max-lease",
				"must not be shorter than idempotency.lease-duration", maxLease);
		PropertyRules.require(PropertyRules.isBetween(outcomeRetention, Duration.ZERO, Duration.ofDays(1)),
				"outcome-retention", "must be between 0 and 1 day", outcomeRetention);
		PropertyRules.require(waitMaxRequests == null || waitMaxRequests >= 0, "wait-max-requests",
				"must not be negative", waitMaxRequests);
		PropertyRules.require(PropertyRules.isBetween(purgeInterval, Duration.ofMillis(1), Duration.ofDays(365)),
				"purge-interval", "must be between 1 ms and 365 days", purgeInterval);
	}

	/**
	 * What to do with a request if the previous request with its key never ended.
	 */
	public enum OnAbandoned {

		/**
		 * Run the request.
		 */
		RUN,

		/**
		 * Refuse the request until the record expires, so that the handler runs at most
		 * once.
		 */
		REFUSE

	}

	/**
	 * What to do with a request if the store does not answer.
	 */
	public enum OnStoreFailure {

		/**
		 * Refuse the request, over HTTP with the status 503.
		 */
		REJECT,

		/**
		 * Run the request unprotected.
		 */
		PROCEED

	}

	/**
	 * The store that keeps the records.
	 */
	public enum StoreType {

		/**
		 * Keep records in the memory of this instance.
		 */
		MEMORY,

		/**
		 * Keep records in Redis.
		 */
		REDIS,

		/**
		 * Keep records in the application's database.
		 */
		JDBC

	}

}
