package io.idempotency.security;

import io.idempotency.web.PrincipalRealmResolver;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;

/**
 * Auto-configuration that distinguishes principals of Spring Security by the issuer of
 * their token or the client registration of their login.
 */
@AutoConfiguration(beforeName = "io.idempotency.web.gate.GateIdempotencyAutoConfiguration")
@ConditionalOnBooleanProperty(name = "idempotency.enabled", matchIfMissing = true)
public final class SecurityIdempotencyAutoConfiguration {

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(JwtAuthenticationToken.class)
	static class TokenConfiguration {

		@Bean
		@Order(0)
		PrincipalRealmResolver idempotencyTokenIssuers() {
			return new TokenIssuers();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(OAuth2AuthenticationToken.class)
	static class LoginConfiguration {

		@Bean
		@Order(0)
		PrincipalRealmResolver idempotencyLoginRegistrations() {
			return new LoginRegistrations();
		}

	}

}
