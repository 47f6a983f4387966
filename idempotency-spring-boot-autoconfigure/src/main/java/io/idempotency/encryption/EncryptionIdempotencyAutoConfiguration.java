package io.idempotency.encryption;

import java.util.ArrayList;
import java.util.List;

import io.idempotency.store.OutcomeCodec;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;

/**
 * Encrypts stored responses if a key is configured.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "idempotency.enabled", matchIfMissing = true)
@EnableConfigurationProperties(EncryptionProperties.class)
public final class EncryptionIdempotencyAutoConfiguration {

	private static final String PREFIX = "idempotency.encryption.";

	@Bean
	@ConditionalOnMissingBean
	@Conditional(OnEncryptionKeyCondition.class)
	OutcomeCodec idempotencyOutcomeCodec(EncryptionProperties properties) {
		List<EncryptionKey> all = new ArrayList<>();
		EncryptionKey current = current(properties.key());
		if (current != null) {
			all.add(current);
		}
		properties.previousKeys().forEach((key) -> all.add(EncryptionKey.of(key, PREFIX + "previous-keys")));
		return new EncryptedOutcomeCodec(OutcomeCodec.plain(), current, all,
				properties.acceptPlain() || current == null);
	}

	private static @Nullable EncryptionKey current(@Nullable String key) {
		return (key != null) ? EncryptionKey.of(key, PREFIX + "key") : null;
	}

}
