package io.idempotency.encryption;

import java.util.List;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Matches if a key is configured, a current or a previous one.
 */
class OnEncryptionKeyCondition extends SpringBootCondition {

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		Binder binder = Binder.get(context.getEnvironment());
		boolean configured = binder.bind("idempotency.encryption.key", String.class).isBound()
				|| !binder.bind("idempotency.encryption.previous-keys", Bindable.listOf(String.class))
					.orElseGet(List::of)
					.isEmpty();
		ConditionMessage.Builder message = ConditionMessage.forCondition("Encryption key");
		return configured ? ConditionOutcome.match(message.because("a key is configured"))
				: ConditionOutcome.noMatch(message.because("no key is configured"));
	}

}
