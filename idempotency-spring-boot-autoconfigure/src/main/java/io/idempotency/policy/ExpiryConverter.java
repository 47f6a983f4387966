package io.idempotency.policy;

import io.idempotency.store.Expiry;

import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.convert.converter.Converter;

/**
 * Converts text to an {@link Expiry}, in the formats that Spring Boot supports for
 * durations. The values {@code never} and zero mean that there is no expiry.
 * <p>
 * Public for the auto-configuration of this library; not intended for applications.
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
