package io.idempotency.policy;

import io.idempotency.store.Expiry;

import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.convert.converter.Converter;

/**
 * Reads an expiry as Spring Boot reads a duration, and {@code never} or zero as no
 * expiry.
 * <p>
 * Public for the auto-configuration of this library; applications have no use for it.
 */
@ConfigurationPropertiesBinding
public final class ExpiryConverter implements Converter<String, Expiry> {

	@Override
	public Expiry convert(String source) {
		String text = source.trim();
		if (text.equalsIgnoreCase("never") || text.equals("0")) {
			return Expiry.never();
		}
		return Expiry.after(DurationStyle.detectAndParse(text));
	}

}
