package io.idempotency.client;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.boot.restclient.RestTemplateCustomizer;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Configures Spring Boot's client builders so that the clients send idempotency keys.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "idempotency.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty("idempotency.client.enabled")
@EnableConfigurationProperties(IdempotencyClientProperties.class)
public final class ClientIdempotencyAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	IdempotencyKeySource idempotencyKeySource() {
		return (method, uri) -> UUID.randomUUID().toString();
	}

	/**
	 * Adds interceptors before those of the application. Each attempt then passes through
	 * the application's interceptors, because it may need a new signature or access
	 * token.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(RestClientCustomizer.class)
	static class BlockingClients {

		@Bean
		RestClientCustomizer idempotencyRestClientCustomizer(IdempotencyClientProperties properties,
				IdempotencyKeySource source) {
			List<ClientHttpRequestInterceptor> interceptors = interceptors(properties, source);
			return (builder) -> builder.requestInterceptors((all) -> all.addAll(0, interceptors));
		}

		@Bean
		RestTemplateCustomizer idempotencyRestTemplateCustomizer(IdempotencyClientProperties properties,
				IdempotencyKeySource source) {
			List<ClientHttpRequestInterceptor> interceptors = interceptors(properties, source);
			return (template) -> template.getInterceptors().addAll(0, interceptors);
		}

		private static List<ClientHttpRequestInterceptor> interceptors(IdempotencyClientProperties properties,
				IdempotencyKeySource source) {
			List<ClientHttpRequestInterceptor> interceptors = new ArrayList<>();
			interceptors.add(new IdempotencyKeyInterceptor(properties, source));
			if (properties.retry().maxAttempts() > 1) {
				interceptors.add(new KeyedRetryInterceptor(properties.keyHeader(), properties.retry()));
			}
			return interceptors;
		}

	}

	/**
	 * Adds filters before those of the application, for the same reason as the
	 * interceptors.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ WebClientCustomizer.class, WebClient.class })
	static class ReactiveClients {

		@Bean
		WebClientCustomizer idempotencyWebClientCustomizer(IdempotencyClientProperties properties,
				IdempotencyKeySource source) {
			IdempotencyKeyFilter keys = new IdempotencyKeyFilter(properties, source);
			KeyedRetryFilter retries = new KeyedRetryFilter(properties.keyHeader(), properties.retry());
			return (builder) -> {
				if (properties.retry().maxAttempts() > 1) {
					builder.filters((all) -> all.add(0, retries));
				}
				keys.addTo(builder);
			};
		}

	}

}
