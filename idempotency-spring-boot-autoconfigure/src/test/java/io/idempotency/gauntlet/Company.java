package io.idempotency.gauntlet;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import io.idempotency.gauntlet.Endpoint.By;
import io.idempotency.gauntlet.Endpoint.Does;
import io.idempotency.testing.DatabaseKind;
import io.idempotency.testing.TestApp;
import org.jspecify.annotations.Nullable;

/**
 * What applications have besides their handlers.
 */
enum Company {

	CACHING_RESPONSE(Filters.CachingResponse.class) {
		@Override
		boolean goesWith(Endpoint endpoint) {
			return isCopied(endpoint);
		}
	},

	CACHING_RESPONSE_OUTSIDE(Filters.CachingResponseOutside.class) {
		@Override
		boolean goesWith(Endpoint endpoint) {
			return isCopied(endpoint);
		}
	},

	CACHING_RESPONSE_INSIDE(Filters.CachingResponseInside.class) {
		@Override
		boolean goesWith(Endpoint endpoint) {
			return isCopied(endpoint);
		}
	},

	CACHING_REQUEST(Filters.CachingRequest.class),

	CACHING_REQUEST_OUTSIDE(Filters.CachingRequestOutside.class),

	SHALLOW_ETAG(Filters.ShallowEtag.class) {
		@Override
		boolean goesWith(Endpoint endpoint) {
			// It touches a response that is dispatched by hand, and Tomcat may close the
			// connection after that.
			return isCopied(endpoint) && endpoint != Endpoint.START_ASYNC_DISPATCH;
		}
	},

	PLAIN_FILTER(Filters.Plain.class),

	PLAIN_FILTER_OUTSIDE(Filters.PlainOutside.class),

	EAGER_STREAM(Filters.EagerStream.class) {
		@Override
		boolean goesWith(Endpoint endpoint) {
			// It takes the stream of the response that these write to by its writer.
			return isCopied(endpoint) && endpoint != Endpoint.START_ASYNC && endpoint != Endpoint.INCLUDE;
		}
	},

	EAGER_WRITER(Filters.EagerWriter.class) {
		@Override
		boolean goesWith(Endpoint endpoint) {
			return isWritten(endpoint);
		}
	},

	STREAM_INTERCEPTOR(Interceptors.TakingStream.class) {
		@Override
		boolean goesWith(Endpoint endpoint) {
			return isStreamed(endpoint);
		}
	},

	WRITER_INTERCEPTOR(Interceptors.TakingWriter.class) {
		@Override
		boolean goesWith(Endpoint endpoint) {
			return isWritten(endpoint);
		}
	},

	HEADERS_BEFORE(Filters.HeadersBefore.class),

	HEADERS_AFTER(Filters.HeadersAfter.class),

	FORWARDED_HEADERS(List.of(), "server.forward-headers-strategy=framework") {
		@Override
		Map<String, String> headers(TestApp app) {
			return Map.of("X-Forwarded-Host", "shop.example.org", "X-Forwarded-Proto", "https", "X-Forwarded-Prefix",
					"/shop");
		}

		@Override
		boolean goesWith(Endpoint endpoint) {
			// Jetty neither includes nor dispatches a request whose path is another.
			return endpoint != Endpoint.CONTEXT_INCLUDE
					&& (!endpoint.isAsynchronous() || endpoint == Endpoint.START_ASYNC_DISPATCH);
		}
	},

	HIDDEN_METHOD(List.of(), "spring.mvc.hiddenmethod.filter.enabled=true") {
		@Override
		boolean goesWith(Endpoint endpoint) {
			// It reads a form's parameters, which leaves nothing to read by hand.
			return endpoint != Endpoint.RAW_FORM;
		}
	},

	FORCED_ENCODING(List.of(), "spring.servlet.encoding.charset=ISO-8859-1", "spring.servlet.encoding.force=true"),

	REWRITING(Filters.Rewriting.class) {
		@Override
		String path(String path) {
			return "/v1" + path;
		}

		@Override
		boolean goesWith(Endpoint endpoint) {
			// A container closes the response after a forward, and an asynchronous
			// request is dispatched to where it was forwarded.
			return !endpoint.isAsynchronous() && endpoint != Endpoint.DENIED;
		}
	},

	CATCHING(Filters.Catching.class) {
		@Override
		boolean goesWith(Endpoint endpoint) {
			// Whether it leaves the dispatcher depends on how much was written before.
			return endpoint != Endpoint.ROUTE_BROKEN_GETTER;
		}

		@Override
		int status(Endpoint endpoint, int status) {
			return (endpoint.does().leavesDispatcher() && !endpoint.isAsynchronous()) ? 503 : status;
		}
	},

	TENANT_ONCE(Filters.TenantOnce.class) {
		@Override
		Map<String, String> headers(TestApp app) {
			return Map.of("X-Tenant", "acme");
		}
	},

	TENANT_PLAIN(Filters.TenantPlain.class) {
		@Override
		Map<String, String> headers(TestApp app) {
			return Map.of("X-Tenant", "acme");
		}
	},

	CORS(Interceptors.Cors.class) {
		@Override
		Map<String, String> headers(TestApp app) {
			return Map.of("Origin", "https://shop.example.org");
		}
	},

	BASIC(List.of(Securities.Basic.class), Securities.ENABLED) {
		@Override
		Map<String, String> headers(TestApp app) {
			return Securities.BASIC_HEADERS;
		}
	},

	FORM_LOGIN(List.of(Securities.FormLogin.class), Securities.ENABLED) {
		@Override
		Map<String, String> headers(TestApp app) {
			return Securities.logIn(app);
		}
	},

	TOKEN(List.of(Securities.Token.class), Securities.ENABLED) {
		@Override
		Map<String, String> headers(TestApp app) {
			return Map.of("X-Token", "ada");
		}

		@Override
		boolean goesWith(Endpoint endpoint) {
			// Nothing keeps who came by a token until the ASYNC dispatch.
			return !endpoint.isAsynchronous();
		}
	},

	METHOD_SECURITY(List.of(Securities.Basic.class, Securities.Methods.class), Securities.ENABLED) {
		@Override
		Map<String, String> headers(TestApp app) {
			return Securities.BASIC_HEADERS;
		}
	},

	SPRING_SESSION(Sessions.class),

	OPEN_IN_VIEW(List.of(Orders.class), "test.jpa=true", "spring.jpa.open-in-view=true",
			"spring.jpa.hibernate.ddl-auto=update"),

	COMPRESSION(List.of(), "server.compression.enabled=true", "server.compression.min-response-size=1") {
		@Override
		Map<String, String> headers(TestApp app) {
			return Map.of("Accept-Encoding", "gzip");
		}

		@Override
		boolean goesWith(Endpoint endpoint) {
			// Jetty compresses what is flushed, but nothing that is known to be short.
			return endpoint != Endpoint.FLUSHED_STREAM;
		}
	},

	ERROR_PAGE_FILTER(Filters.ErrorPages.class),

	MVC_SUPPORT(Interceptors.Support.class) {
		@Override
		boolean goesWith(Endpoint endpoint) {
			// Without what Spring Boot sets up, nobody reads the form of a PATCH.
			return endpoint != Endpoint.PATCH_FORM;
		}
	},

	SECOND_MAPPING(Interceptors.SecondMapping.class),

	API_VERSIONS(List.of(Versions.class), "spring.mvc.apiversion.use.header=X-Api-Version",
			"spring.mvc.apiversion.required=false", "spring.mvc.apiversion.supported=1,2") {
		@Override
		Map<String, String> headers(TestApp app) {
			return Map.of("X-Api-Version", "2");
		}
	},

	MANAGEMENT(List.of(), "test.actuator=true", "management.server.port=0");

	private static final List<Set<Company>> APART = List.of(EnumSet.of(BASIC, FORM_LOGIN, TOKEN, METHOD_SECURITY),
			// Who logs in at a form has a session of the container's.
			EnumSet.of(FORM_LOGIN, SPRING_SESSION),
			// These take the place of what Spring Boot sets up.
			EnumSet.of(MVC_SUPPORT, SECOND_MAPPING, API_VERSIONS, CORS),
			EnumSet.of(MVC_SUPPORT, STREAM_INTERCEPTOR, WRITER_INTERCEPTOR),
			EnumSet.of(SECOND_MAPPING, STREAM_INTERCEPTOR, WRITER_INTERCEPTOR), EnumSet.of(MVC_SUPPORT, OPEN_IN_VIEW),
			EnumSet.of(SECOND_MAPPING, OPEN_IN_VIEW), EnumSet.of(TENANT_ONCE, TENANT_PLAIN),
			// An error page that is forwarded to after another forward says nothing.
			EnumSet.of(REWRITING, ERROR_PAGE_FILTER),
			// Nor does one that is forwarded to past a copy of an asynchronous response.
			EnumSet.of(CACHING_RESPONSE_INSIDE, ERROR_PAGE_FILTER),
			// Of two copies of an asynchronous response, the outer one is empty.
			EnumSet.of(CACHING_RESPONSE, CACHING_RESPONSE_OUTSIDE, CACHING_RESPONSE_INSIDE, SHALLOW_ETAG),
			// A copy is written after the forward, and lost on a container that closes
			// the
			// response then.
			EnumSet.of(REWRITING, CACHING_RESPONSE_OUTSIDE),
			// Both take the container's response in their own way.
			EnumSet.of(EAGER_STREAM, EAGER_WRITER, STREAM_INTERCEPTOR, WRITER_INTERCEPTOR),
			// What throws is answered by the one or by the other.
			EnumSet.of(CATCHING, ERROR_PAGE_FILTER),
			// A prefix makes the path that is forwarded another.
			EnumSet.of(REWRITING, FORWARDED_HEADERS), EnumSet.of(REWRITING, TENANT_PLAIN),
			EnumSet.of(REWRITING, TENANT_ONCE), EnumSet.of(REWRITING, TOKEN), EnumSet.of(FORWARDED_HEADERS, CORS),
			EnumSet.of(FORWARDED_HEADERS, FORM_LOGIN));

	private final List<Class<?>> configuration;

	private final List<String> properties;

	Company(Class<?> configuration) {
		this(List.of(configuration));
	}

	Company(List<Class<?>> configuration, String... properties) {
		this.configuration = configuration;
		this.properties = List.of(properties);
	}

	List<Class<?>> configuration() {
		return this.configuration;
	}

	List<String> properties() {
		return this.properties;
	}

	/**
	 * Returns what the requests of an application's clients carry.
	 */
	Map<String, String> headers(TestApp app) {
		return Map.of();
	}

	/**
	 * Returns the path that clients know of a handler.
	 */
	String path(String path) {
		return path;
	}

	/**
	 * Returns the status that clients see.
	 */
	int status(Endpoint endpoint, int status) {
		return status;
	}

	/**
	 * Returns whether the application without the starter has a proper answer.
	 */
	boolean goesWith(Endpoint endpoint) {
		return true;
	}

	boolean goesWith(Company other) {
		return this != other && APART.stream().noneMatch((group) -> group.contains(this) && group.contains(other));
	}

	/**
	 * Returns whether an application may refuse to start, since the starter is not called
	 * by what the application replaced. // M9
	 */
	boolean mayKeepFromStarting() {
		return this == MVC_SUPPORT || this == SECOND_MAPPING;
	}

	/**
	 * Returns the company that an endpoint cannot be without, if it needs one.
	 */
	static @Nullable Company neededBy(Endpoint endpoint) {
		return switch (endpoint) {
			case LAZY -> OPEN_IN_VIEW;
			case PERMITTED, DENIED -> METHOD_SECURITY;
			case VERSIONED -> API_VERSIONS;
			case HIDDEN_PATCH_FORM -> HIDDEN_METHOD;
			default -> null;
		};
	}

	/**
	 * Returns whether a copy of the response reaches the client: a container closes the
	 * response after a forward, before the copy is written; and what was written before
	 * something is thrown is written by the copy instead of an error page.
	 */
	private static boolean isCopied(Endpoint endpoint) {
		return !(endpoint.does().leavesDispatcher() && endpoint.by() == By.WRITER)
				&& (!endpoint.isForwarding() || endpoint.isIncluding());
	}

	private static boolean isWritten(Endpoint endpoint) {
		return endpoint.by() == By.WRITER && endpoint.does() == Does.ANSWERS && !endpoint.isAsynchronous();
	}

	private static boolean isStreamed(Endpoint endpoint) {
		return endpoint.by() == By.STREAM && endpoint.does() == Does.ANSWERS && !endpoint.isAsynchronous();
	}

	/**
	 * Returns the database that the companies need where the records are not in one.
	 */
	static Stream<String> database(Set<Company> companies) {
		return companies.contains(OPEN_IN_VIEW) ? Stream.of(DatabaseKind.H2.newDatabase().properties())
				: Stream.empty();
	}

	static List<Class<?>> configuration(Set<Company> companies) {
		List<Class<?>> all = new ArrayList<>();
		companies.forEach((company) -> all.addAll(company.configuration()));
		return all.stream().distinct().toList();
	}

}
