package io.idempotency.gauntlet;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compositions that failed once.
 */
class GauntletCasesTests {

	private static final int MOST_RUNNING = 3;

	private static final Map<Object, AppPair> RUNNING = new LinkedHashMap<>(16, 0.75f, true) {

		@Override
		protected boolean removeEldestEntry(Map.Entry<Object, AppPair> eldest) {
			boolean remove = size() > MOST_RUNNING;
			if (remove) {
				eldest.getValue().close();
			}
			return remove;
		}

	};

	@AfterAll
	static void stop() {
		RUNNING.values().forEach(AppPair::close);
		RUNNING.clear();
	}

	@ParameterizedTest
	@ValueSource(strings = { "TOMCAT MEMORY [] NOT_ACCEPTABLE_XML", "TOMCAT MEMORY [] NOT_ACCEPTABLE_HTML",
			"TOMCAT MEMORY [] BROKEN_GETTER", "TOMCAT MEMORY [] NO_CONVERTER", "TOMCAT MEMORY [] MISSING_VIEW",
			"TOMCAT MEMORY [] FAILING_VIEW", "TOMCAT MEMORY [] FAILING_JSP", "TOMCAT MEMORY [] FAILING_POST_HANDLE",
			"TOMCAT MEMORY [] CALLABLE_BROKEN_GETTER", "TOMCAT MEMORY [] ROUTE_BROKEN_GETTER",
			"TOMCAT MEMORY [] PRODUCES_MISMATCH", "JETTY MEMORY [] NOT_ACCEPTABLE_XML", "JETTY MEMORY [] FAILING_VIEW",
			"JETTY MEMORY [] FAILING_JSP" })
	@DisplayName("S7: a handler that returned, and whose answer cannot be rendered, does not run again")
	void chargesOnceThoughAnswerCannotBeRendered(String composition) {
		check(composition);
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "TOMCAT JDBC_TRANSACTIONAL [] BROKEN_GETTER", "TOMCAT JDBC_TRANSACTIONAL [] NOT_ACCEPTABLE_XML",
					"TOMCAT JDBC_TRANSACTIONAL [] FAILING_VIEW", "TOMCAT JDBC_TRANSACTIONAL [] FAILING_POST_HANDLE" })
	@DisplayName("S7, T2: in a transaction, an answer that cannot be rendered rolls the charge back, and the key is free")
	void rollsBackWhatCannotBeRendered(String composition) {
		check(composition);
	}

	@ParameterizedTest
	@ValueSource(strings = { "TOMCAT JDBC_TRANSACTIONAL [] FORWARD_VIEW", "TOMCAT JDBC_TRANSACTIONAL [] JSP_VIEW",
			"TOMCAT JDBC_TRANSACTIONAL [] FORWARD", "TOMCAT JDBC_TRANSACTIONAL [] FORWARD_TO_CONTROLLER",
			"TOMCAT JDBC_TRANSACTIONAL [] CONTEXT_FORWARD", "TOMCAT JDBC_TRANSACTIONAL [] INCLUDE",
			"JETTY JDBC_TRANSACTIONAL [] FORWARD_VIEW", "JETTY JDBC_TRANSACTIONAL [] FORWARD" })
	@DisplayName("T1, H3: in a transaction, the first client gets what a handler forwards to")
	void answersFirstClientByForward(String composition) {
		check(composition);
	}

	@ParameterizedTest
	@ValueSource(strings = { "TOMCAT JDBC_TRANSACTIONAL [CACHING_RESPONSE] OBJECT",
			"TOMCAT JDBC_TRANSACTIONAL [SHALLOW_ETAG] OBJECT", "TOMCAT MEMORY [CACHING_RESPONSE] OBJECT",
			"TOMCAT MEMORY [CACHING_RESPONSE_INSIDE] OBJECT", "TOMCAT MEMORY [SHALLOW_ETAG] OBJECT",
			"TOMCAT MEMORY [EAGER_STREAM] OBJECT", "TOMCAT MEMORY [EAGER_STREAM] VIEW",
			"TOMCAT MEMORY [EAGER_WRITER] WRITER", "TOMCAT MEMORY [EAGER_WRITER] VIEW",
			"TOMCAT MEMORY [STREAM_INTERCEPTOR] OBJECT", "TOMCAT MEMORY [WRITER_INTERCEPTOR] VIEW",
			"TOMCAT JDBC_TRANSACTIONAL [STREAM_INTERCEPTOR] OBJECT", "JETTY MEMORY [EAGER_STREAM] OBJECT",
			"JETTY MEMORY [WRITER_INTERCEPTOR] VIEW" })
	@DisplayName("G2, R1: a replay is whole, whatever wraps the response or has taken its stream or writer before")
	void replaysWhatWasWrittenThroughWrappers(String composition) {
		check(composition);
	}

	@ParameterizedTest
	@ValueSource(strings = { "TOMCAT MEMORY [CACHING_REQUEST] OBJECT", "TOMCAT MEMORY [CACHING_REQUEST] FORM",
			"TOMCAT MEMORY [CACHING_REQUEST] UPLOAD", "TOMCAT MEMORY [CACHING_REQUEST] RAW_FORM",
			"TOMCAT MEMORY_PARAMETER [CACHING_REQUEST] RAW_FORM", "TOMCAT MEMORY_PARAMETER [] RAW_FORM",
			"JETTY MEMORY_PARAMETER [] RAW_FORM" })
	@DisplayName("G2, F3: a filter that logs the body sees what it sees without the starter")
	void leavesBodyToFilters(String composition) {
		check(composition);
	}

	@ParameterizedTest
	@ValueSource(strings = { "TOMCAT MEMORY_REQUIRED [ERROR_PAGE_FILTER] NO_HANDLER",
			"TOMCAT MEMORY_REQUIRED [ERROR_PAGE_FILTER] THROW", "TOMCAT MEMORY [ERROR_PAGE_FILTER] THROW",
			"TOMCAT MEMORY [ERROR_PAGE_FILTER] SEND_ERROR", "TOMCAT MEMORY_ERRORS [ERROR_PAGE_FILTER] SEND_ERROR",
			"TOMCAT MEMORY_ERRORS [ERROR_PAGE_FILTER] THROW" })
	@DisplayName("M11: an error page that a WAR's filter forwards to neither needs nor claims a key")
	void leavesErrorPagesAlone(String composition) {
		check(composition);
	}

	@ParameterizedTest
	@ValueSource(strings = { "TOMCAT MEMORY [REWRITING,CATCHING] THROW", "JETTY MEMORY [REWRITING,CATCHING] THROW",
			"TOMCAT MEMORY [REWRITING] OBJECT", "TOMCAT MEMORY [CATCHING] THROW",
			"TOMCAT MEMORY_ERRORS [CATCHING] THROW", "TOMCAT MEMORY_ERRORS [REWRITING,CATCHING] THROW",
			"TOMCAT JDBC_TRANSACTIONAL [REWRITING,CATCHING] THROW" })
	@DisplayName("S8, G3: an exception that a filter outside answers leaves no lease, and its key is free or completed")
	void endsLeaseOfExceptionThatFilterAnswers(String composition) {
		check(composition);
	}

	@ParameterizedTest
	@ValueSource(strings = { "TOMCAT MEMORY [] FILTERED_ROUTE_REFUSED", "TOMCAT MEMORY [] FILTERED_ROUTE",
			"TOMCAT MEMORY_ERRORS [METHOD_SECURITY] DENIED",
			"TOMCAT JDBC_TRANSACTIONAL_ERRORS [METHOD_SECURITY] DENIED" })
	@DisplayName("M7, S8: what security refuses inside is neither claimed nor stored")
	void storesNoRefusalOfSecurity(String composition) {
		check(composition);
	}

	@ParameterizedTest
	@ValueSource(strings = { "TOMCAT MEMORY [MVC_SUPPORT] OBJECT", "TOMCAT MEMORY_REQUIRED [MVC_SUPPORT] OBJECT",
			"TOMCAT MEMORY [SECOND_MAPPING] OBJECT", "TOMCAT MEMORY_ANNOTATED [SECOND_MAPPING] OBJECT" })
	@DisplayName("M9: a mapping of the application's own is protected, or the application does not start")
	void protectsMappingsOfApplication(String composition) {
		check(composition);
	}

	@ParameterizedTest
	@ValueSource(strings = { "TOMCAT JDBC_ERRORS [CORS,ERROR_PAGE_FILTER] FAILING_PRE_HANDLE",
			"JETTY JDBC_TRANSACTIONAL_REQUIRED [WRITER_INTERCEPTOR,BASIC,ERROR_PAGE_FILTER] INCLUDE",
			"TOMCAT JDBC_TRANSACTIONAL_REQUIRED [PLAIN_FILTER,WRITER_INTERCEPTOR,HEADERS_AFTER,REWRITING] WRITER",
			"TOMCAT JDBC_TRANSACTIONAL_REQUIRED [CACHING_REQUEST_OUTSIDE,HEADERS_AFTER,BASIC,API_VERSIONS] VERSIONED",
			"TOMCAT JDBC_WAITING [EAGER_WRITER,FORWARDED_HEADERS,API_VERSIONS] INCLUDE",
			"TOMCAT MEMORY_ERRORS [HEADERS_BEFORE,FORWARDED_HEADERS,FORCED_ENCODING] THROW",
			"JETTY REDIS [EAGER_STREAM,FORCED_ENCODING] ROUTE_FUTURE", "JETTY REDIS [FORCED_ENCODING] TOO_LONG",
			"TOMCAT MEMORY_WAITING [CACHING_RESPONSE_INSIDE,HEADERS_BEFORE] NO_CONVERTER",
			"JETTY MEMORY_ERRORS [PLAIN_FILTER,CATCHING,TENANT_ONCE,SPRING_SESSION] FAILING_JSP",
			"JETTY JDBC_WAITING [STREAM_INTERCEPTOR,HIDDEN_METHOD,MANAGEMENT] HIDDEN_PATCH_FORM",
			"TOMCAT JDBC_TRANSACTIONAL_WAITING [SHALLOW_ETAG,TENANT_PLAIN,SECOND_MAPPING] BROKEN_GETTER",
			"TOMCAT JDBC_WAITING [CACHING_RESPONSE_INSIDE] START_ASYNC",
			"TOMCAT MEMORY [CACHING_RESPONSE_OUTSIDE] START_ASYNC",
			"JETTY MEMORY [CACHING_REQUEST_OUTSIDE,HEADERS_BEFORE,ERROR_PAGE_FILTER] CALLABLE_BROKEN_GETTER",
			"TOMCAT REDIS_WAITING [CATCHING] THROW_AFTER_WRITING",
			"JETTY MEMORY [FORWARDED_HEADERS] START_ASYNC_DISPATCH",
			"TOMCAT MEMORY_ERRORS [CACHING_RESPONSE,ERROR_PAGE_FILTER] START_ASYNC_DISPATCH",
			"TOMCAT JDBC_TRANSACTIONAL_ERRORS [SPRING_SESSION,OPEN_IN_VIEW] FAILING_JSP",
			"TOMCAT JDBC_TRANSACTIONAL_REQUIRED [CACHING_REQUEST_OUTSIDE,HEADERS_AFTER,BASIC,API_VERSIONS] CLOSED_WRITER",
			"JETTY JDBC [COMPRESSION] ENTITY", "JETTY REDIS [PLAIN_FILTER,METHOD_SECURITY,SECOND_MAPPING] REDIRECT",
			"JETTY MEMORY [TOKEN] RAW_FORM" })
	@DisplayName("G1, G2, G3: what a random walk has found holds")
	void holdsWhereRandomWalkFailed(String composition) {
		check(composition);
	}

	private static void check(String text) {
		Composition composition = Composition.parse(text);
		Object apps = List.of(composition.server(), composition.setting(), composition.companies());
		AppPair pair = RUNNING.get(apps);
		if (pair == null) {
			pair = AppPair.start(composition.server(), composition.setting(), composition.companies());
			if (pair == null) {
				return;
			}
			RUNNING.put(apps, pair);
		}
		pair.check(composition.endpoint());
	}

}
