package io.idempotency.gauntlet;

import java.io.IOException;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * What handlers forward to instead of a compiled JSP, and interceptors that fail.
 */
class Surroundings implements WebMvcConfigurer, HandlerInterceptor {

	@Bean
	static ServletRegistrationBean<HttpServlet> pages() {
		return new ServletRegistrationBean<>(new Pages(), "/jsp/*");
	}

	@Override
	public void addInterceptors(InterceptorRegistry registry) {
		registry.addInterceptor(this).addPathPatterns("/h/failing-*");
	}

	@Override
	public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
		if (request.getRequestURI().endsWith("/failing-pre-handle")) {
			throw new IllegalStateException("The interceptor fails before the handler");
		}
		return true;
	}

	@Override
	public void postHandle(HttpServletRequest request, HttpServletResponse response, Object handler,
			@Nullable ModelAndView modelAndView) {
		if (request.getRequestURI().endsWith("/failing-post-handle")) {
			throw new IllegalStateException("The interceptor fails after the handler");
		}
	}

	private static final class Pages extends HttpServlet {

		@Override
		protected void service(HttpServletRequest request, HttpServletResponse response)
				throws ServletException, IOException {
			response.setContentType("text/html;charset=UTF-8");
			response.getWriter().write("<p>" + request.getAttribute("greeting") + " from a page</p>");
			if (request.getServletPath().equals("/jsp") && "/failing".equals(request.getPathInfo())) {
				throw new ServletException("The page fails");
			}
		}

	}

}
