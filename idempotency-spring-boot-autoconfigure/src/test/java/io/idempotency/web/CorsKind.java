package io.idempotency.web;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.CrossOrigin;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.CorsConfigurationSource;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.filter.CorsFilter;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.config.annotation.CorsRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * The ways in which an application lets scripts from another origin in.
 */
enum CorsKind {

	/**
	 * The mappings of Spring MVC.
	 */
	MVC_MAPPINGS(MvcMappings.class),

	/**
	 * {@code @CrossOrigin} on the controller.
	 */
	ANNOTATION(AnnotatedController.class),

	/**
	 * Spring's {@code CorsFilter}.
	 */
	FILTER(SpringFilter.class),

	/**
	 * A {@code CorsConfigurationSource} for Spring Security.
	 */
	SECURITY(Security.class),

	/**
	 * A filter of the application's own.
	 */
	OWN_FILTER(OwnFilter.class);

	static final String ORIGIN = "https://shop.example.org";

	private final Class<?> configuration;

	CorsKind(Class<?> configuration) {
		this.configuration = configuration;
	}

	/**
	 * Returns a running application that tests share.
	 */
	TestApp app(String... properties) {
		List<Class<?>> sources = new ArrayList<>(List.of(this.configuration));
		if (this != ANNOTATION) {
			sources.add(CrossOriginThings.class);
		}
		List<String> all = new ArrayList<>(List.of(properties));
		if (this == SECURITY) {
			all.add("test.security=true");
		}
		return TestApp.shared(sources, StoreKind.MEMORY, all.toArray(String[]::new));
	}

	private static CorsConfigurationSource source() {
		CorsConfiguration configuration = new CorsConfiguration();
		configuration.addAllowedOrigin(ORIGIN);
		configuration.addAllowedHeader("content-type");
		configuration.addAllowedHeader("idempotency-key");
		configuration.setAllowedMethods(List.of("POST", "PUT"));
		configuration.addExposedHeader("Location");
		UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
		source.registerCorsConfiguration("/**", configuration);
		return source;
	}

	static class MvcMappings implements WebMvcConfigurer {

		@Override
		public void addCorsMappings(CorsRegistry registry) {
			registry.addMapping("/**").allowedOrigins(ORIGIN).allowedMethods("POST", "PUT").exposedHeaders("Location");
		}

	}

	@CrossOrigin(origins = ORIGIN, exposedHeaders = "Location")
	static class AnnotatedController extends CrossOriginThings {

		AnnotatedController(Runs runs) {
			super(runs);
		}

	}

	static class SpringFilter {

		@Bean
		FilterRegistrationBean<CorsFilter> corsFilter() {
			FilterRegistrationBean<CorsFilter> filter = new FilterRegistrationBean<>(new CorsFilter(source()));
			filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
			return filter;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Security {

		@Bean
		CorsConfigurationSource corsConfigurationSource() {
			return source();
		}

		@Bean
		SecurityFilterChain securityFilterChain(HttpSecurity http) {
			return http.cors(Customizer.withDefaults())
				.csrf(AbstractHttpConfigurer::disable)
				.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll())
				.build();
		}

	}

	static class OwnFilter extends OncePerRequestFilter {

		@Override
		protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
				throws ServletException, IOException {
			if (request.getHeader("Origin") != null) {
				response.setHeader("Access-Control-Allow-Origin", ORIGIN);
				response.setHeader("Access-Control-Allow-Headers", "content-type,idempotency-key");
				response.addHeader("Access-Control-Expose-Headers", "Location");
			}
			chain.doFilter(request, response);
		}

	}

}
