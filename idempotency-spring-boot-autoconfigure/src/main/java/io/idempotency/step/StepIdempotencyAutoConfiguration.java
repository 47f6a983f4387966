package io.idempotency.step;

import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.policy.EngineIdempotencyAutoConfiguration;
import io.idempotency.policy.EngineProperties;
import io.idempotency.result.ResultJson;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for results of methods and steps, which are stored as JSON.
 */
@AutoConfiguration(after = EngineIdempotencyAutoConfiguration.class,
		afterName = "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration")
@ConditionalOnBean(IdempotencyEngine.class)
public final class StepIdempotencyAutoConfiguration {

	@Bean
	ResultJson idempotencyResultJson(ObjectProvider<JsonMapper> mapper) {
		return new ResultJson(mapper.getIfUnique(() -> JsonMapper.builder().findAndAddModules().build()));
	}

	@Bean
	StepRules idempotencyStepRules(ResultJson json, EngineProperties properties) {
		return new StepRules(json, properties.maxResultSize().toBytes(), properties.maxStepsSize().toBytes());
	}

}
