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
 * @param enabled whether to enable idempotency support
 * @param store which store keeps the records; by default Redis where the application has
 * a connection to it, else memory
 * @param expiry how long an outcome is kept, counted from its completion; 0 or never
 * keeps it for ever
 * @param maxKeyLength longest key that is accepted, in characters
 * @param maxResultSize longest result of a method that is stored, as JSON
 * @param maxStepsSize how much the results of all steps of a request may take, as JSON
 * @param leaseDuration how long the key of an instance that died stays blocked; a handler
 * may take longer
 * @param maxLease how long after its beginning the lease of a handler is renewed no more,
 * so that one that hangs does not block its key for ever; by default it is renewed until
 * the handler ends
 * @param outcomeRetention how long the outcome of a handler that has run is kept in
 * memory and tried again when the store does not take it
 * @param onAbandoned what happens to a request when the one before it never ended, so
 * that nobody knows whether it had an effect
 * @param onStoreFailure what happens to a request when the store does not answer
 * @param purgeInterval how often expired records are removed from stores that do not drop
 * them by themselves
 * @param waitMaxRequests how many requests may wait at once in this instance; others are
 * refused as if there were no waiting. By default as many as fit into a quarter of the
 * heap, which bounds them in any case
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
	 * What happens to a request when the one before it never ended.
	 */
	public enum OnAbandoned {

		/**
		 * It runs.
		 */
		RUN,

		/**
		 * It is refused until the record expires: the handler runs at most once.
		 */
		REFUSE

	}

	/**
	 * What happens to a request when the store does not answer.
	 */
	public enum OnStoreFailure {

		/**
		 * It is refused with status 503.
		 */
		REJECT,

		/**
		 * It runs unprotected.
		 */
		PROCEED

	}

	/**
	 * Which store keeps the records.
	 */
	public enum StoreType {

		/**
		 * The memory of this instance.
		 */
		MEMORY,

		/**
		 * Redis.
		 */
		REDIS,

		/**
		 * The application's database.
		 */
		JDBC

	}

}
