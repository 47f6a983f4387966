package io.idempotency.gauntlet;

import java.io.IOException;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.CorsRegistry;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurationSupport;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * What applications set up of Spring MVC.
 */
final class Interceptors {

	private static final String[] HANDLERS = { "/h/**", "/r/**", "/f/**" };

	private Interceptors() {
	}

	static class TakingStream implements WebMvcConfigurer, HandlerInterceptor {

		@Override
		public void addInterceptors(InterceptorRegistry registry) {
			registry.addInterceptor(this).addPathPatterns(HANDLERS);
		}

		@Override
		public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
				throws IOException {
			response.getOutputStream();
			return true;
		}

	}

	static class TakingWriter implements WebMvcConfigurer, HandlerInterceptor {

		@Override
		public void addInterceptors(InterceptorRegistry registry) {
			registry.addInterceptor(this).addPathPatterns(HANDLERS);
		}

		@Override
		public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
				throws IOException {
			response.setCharacterEncoding("UTF-8");
			response.getWriter();
			return true;
		}

	}

	static class Cors implements WebMvcConfigurer {

		@Override
		public void addCorsMappings(CorsRegistry registry) {
			registry.addMapping("/**")
				.allowedOrigins("https://shop.example.org")
				.allowedMethods("*")
				.exposedHeaders("Location");
		}

	}

	/**
	 * Takes the place of Spring Boot's configuration of Spring MVC.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Support extends WebMvcConfigurationSupport {

		@Override
		protected void addInterceptors(InterceptorRegistry registry) {
			new Surroundings().addInterceptors(registry);
		}

	}

	/**
	 * Finds the same handlers before Spring Boot's mapping does.
	 */
	@Configuration(proxyBeanMethods = false)
	static class SecondMapping {

		@Bean
		RequestMappingHandlerMapping secondMapping() {
			RequestMappingHandlerMapping mapping = new RequestMappingHandlerMapping();
			mapping.setOrder(-10);
			mapping.setInterceptors(new Surroundings());
			return mapping;
		}

	}

}
