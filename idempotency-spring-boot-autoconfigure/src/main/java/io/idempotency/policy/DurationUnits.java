package io.idempotency.policy;

import java.time.Duration;
import java.util.Set;

import io.idempotency.store.Expiry;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.env.Environment;

/**
 * Rejects durations without a unit. Spring Boot reads {@code expiry: 24} as 24
 * milliseconds. Nobody means that, and the mistake would not be noticed until a retry
 * comes after the expiry.
 */
final class DurationUnits implements ConfigurationPropertiesBindHandlerAdvisor {

	private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("idempotency");

	private static final Set<Class<?>> DURATIONS = Set.of(Duration.class, Expiry.class);

	private final Environment environment;

	DurationUnits(Environment environment) {
		this.environment = environment;
	}

	@Override
	public BindHandler apply(BindHandler handler) {
		return new AbstractBindHandler(handler) {

			@Override
			public @Nullable Object onSuccess(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
					Object result) {
				ConfigurationProperty property = context.getConfigurationProperty();
				if (property != null && ROOT.isAncestorOf(name)
						&& DURATIONS.contains(target.getType().resolve(Object.class))) {
					requireUnit(name, resolve(property.getValue()));
				}
				return super.onSuccess(name, target, context, result);
			}

		};
	}

	private String resolve(Object value) {
		return this.environment.resolvePlaceholders(value.toString()).trim();
	}

	private static void requireUnit(ConfigurationPropertyName name, String value) {
		if (!value.isEmpty() && !value.equals("0") && value.chars().allMatch(Character::isDigit)) {
			throw new InvalidConfigurationPropertyValueException(name.toString(), value,
					"It has no unit and would be read as milliseconds: write %1$ss, %1$sm or %1$sh, or %1$sms if you mean milliseconds."
						.formatted(value));
		}
	}

}
