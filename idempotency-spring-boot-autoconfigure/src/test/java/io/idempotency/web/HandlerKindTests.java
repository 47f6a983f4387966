package io.idempotency.web;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import io.idempotency.testing.Runs;
import io.idempotency.testing.ServerKind;
import io.idempotency.testing.TestApp;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.WebAsyncTask;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import org.springframework.web.servlet.view.RedirectView;

import static org.assertj.core.api.Assertions.assertThat;

@ParameterizedClass
@EnumSource
@Tag("virtual-threads")
class HandlerKindTests {

	private final ServerKind server;

	private final TestApp app;

	HandlerKindTests(ServerKind server) {
		this.server = server;
		this.app = server.shared(List.of(Kinds.class, Routes.class), "idempotency.store-on-statuses=2xx,3xx,4xx,5xx");
	}

	// H1, R1
	@ParameterizedTest
	@ValueSource(strings = { "object", "string", "bytes", "resource", "null-body", "entity", "entity-no-content",
			"entity-problem", "status-void", "void-written", "view", "model-and-view", "view-with-language",
			"redirect-absolute-path", "redirect-relative", "redirect-external", "redirect-see-other",
			"redirect-entity" })
	void springHandlers(String kind) {
		assertWorksAsWithoutKey("/kinds/" + kind);
	}

	// H1, R1, R4
	@ParameterizedTest
	@ValueSource(strings = { "send-redirect", "send-redirect-relative", "send-redirect-dots",
			"send-redirect-keeping-body", "send-redirect-after-writing", "stream", "stream-single-bytes", "writer",
			"writer-latin", "writer-html", "writer-json", "writer-utf8-set-late", "writer-type-set-late",
			"writer-by-locale", "flush", "flush-writer", "reset", "reset-buffer", "writer-to-stream-by-reset",
			"content-length", "content-length-header", "content-length-too-long", "close", "write-after-close",
			"status-only", "many-headers", "cookies", "large" })
	void responsesWrittenByHand(String kind) {
		assertWorksAsWithoutKey("/kinds/" + kind);
	}

	// H1, R1
	@ParameterizedTest
	@ValueSource(strings = { "body", "created", "no-content", "see-other", "view", "written", "future", "failing" })
	void functionalEndpoints(String kind) {
		assertWorksAsWithoutKey("/routes/" + kind);
	}

	// H2
	@ParameterizedTest
	@ValueSource(strings = { "callable", "callable-entity", "callable-view", "callable-redirect", "callable-failing",
			"deferred", "deferred-at-once", "deferred-failing", "deferred-timeout", "deferred-timeout-default",
			"future", "future-at-once", "future-failing", "async-task", "callable-writing" })
	void asynchronousHandlers(String kind) {
		assertWorksAsWithoutKey("/kinds/" + kind);
	}

	// H2
	@ParameterizedTest
	@ValueSource(strings = { "start-async", "start-async-writer", "start-async-with-arguments", "start-async-at-once",
			"start-async-empty", "start-async-dispatch", "start-async-error", "start-async-redirect",
			"start-async-runnable", "start-async-timeout", "start-async-get-context" })
	void requestsMadeAsynchronousByHand(String kind) {
		assertWorksAsWithoutKey("/kinds/" + kind);
	}

	// H3
	@ParameterizedTest
	@ValueSource(strings = { "forward-view", "forward", "forward-after-writing", "include", "forward-to-callable" })
	void forwardsAndIncludes(String kind) {
		assertWorksAsWithoutKey("/kinds/" + kind);
	}

	// H3, S1
	@ParameterizedTest
	@ValueSource(
			strings = { "throw", "throw-after-writing", "throw-handled", "throw-status", "throw-with-status-annotation",
					"send-error", "send-error-message", "send-error-after-writing", "send-error-by-advice" })
	void errors(String kind) {
		assertWorksAsWithoutKey("/kinds/" + kind);
	}

	// H3
	@ParameterizedTest
	@ValueSource(
			strings = { "throw", "send-error-message", "callable-failing", "start-async-error", "start-async-timeout" })
	void errorPagesInHtml(String kind) {
		assertWorksAsWithoutKey("/kinds/" + kind, "Accept", "text/html");
	}

	@Test
	void handlersRunOnServerThatIsTested() {
		String where = TestApp.text(post("/kinds/where", TestApp.newKey(), "where"));
		assertThat(where.startsWith("jetty")).as(where).isEqualTo(this.server.isJetty());
		assertThat(where.contains("VirtualThread")).as(where).isEqualTo(this.server.hasVirtualThreads());
	}

	private void assertWorksAsWithoutKey(String path, String... headers) {
		String key = TestApp.newKey();
		HttpResponse<byte[]> unprotected = post(path, null, "no-key", headers);
		HttpResponse<byte[]> first = post(path, key, key, headers);
		HttpResponse<byte[]> retry = post(path, key, key, headers);
		assertThat(describe(first)).isEqualTo(describe(unprotected));
		assertThat(first.headers().firstValue("Idempotent-Replayed")).isEmpty();
		assertThat(retry.statusCode()).isEqualTo(first.statusCode());
		assertThat(retry.headers().allValues("Idempotent-Replayed")).containsExactly("true");
		assertThat(retry.body()).isEqualTo(first.body());
		Map<String, List<String>> firstHeaders = headers(first);
		firstHeaders.remove("set-cookie");
		Map<String, List<String>> retryHeaders = headers(retry);
		retryHeaders.remove("idempotent-replayed");
		assertThat(retryHeaders).isEqualTo(firstHeaders);
		assertThat(this.app.bean(Runs.class).count(key)).isEqualTo(1);
	}

	private HttpResponse<byte[]> post(String path, @Nullable String key, String run, String... headers) {
		String[] all = new String[headers.length + 2];
		all[0] = "X-Run";
		all[1] = run;
		System.arraycopy(headers, 0, all, 2, headers.length);
		return this.app.post(path, key, "", all);
	}

	private static String describe(HttpResponse<byte[]> response) {
		String body = new String(response.body(), StandardCharsets.ISO_8859_1);
		return response.statusCode() + " " + headers(response) + "\n"
				+ body.replaceAll("\"timestamp\":\"[^\"]*\"", "\"timestamp\":\"...\"")
					.replaceAll("<div id='created'>[^<]*", "<div id='created'>...");
	}

	/**
	 * What a client sees of the headers: all but the date, and what is between two
	 * servers. Where a redirect leads is what counts; Jetty leaves it to the client to
	 * make it absolute.
	 */
	private static Map<String, List<String>> headers(HttpResponse<byte[]> response) {
		Map<String, List<String>> headers = new TreeMap<>(response.headers().map());
		headers.keySet().removeAll(List.of("date", "transfer-encoding", "connection"));
		headers.computeIfPresent("location",
				(name, values) -> values.stream().map((target) -> response.uri().resolve(target).toString()).toList());
		response.headers().firstValueAsLong("content-length").ifPresent((length) -> {
			assertThat(length).isEqualTo(response.body().length);
			headers.remove("content-length");
		});
		return headers;
	}

	@Controller
	@Import(Runs.class)
	static class Kinds {

		/**
		 * In milliseconds; Jetty loses one that is over before the handler has returned.
		 */
		private static final long TIMEOUT = 200;

		private static final Executor THREADS = (task) -> new Thread(task).start();

		private final Runs runs;

		Kinds(Runs runs) {
			this.runs = runs;
		}

		private void run(HttpServletRequest request) {
			this.runs.next(request.getHeader("X-Run"));
		}

		@PostMapping("/kinds/where")
		@ResponseBody
		String where(HttpServletRequest request) {
			return request.getServletContext().getServerInfo() + " " + Thread.currentThread();
		}

		@PostMapping("/kinds/object")
		@ResponseBody
		Map<String, Object> object(HttpServletRequest request) {
			run(request);
			return Map.of("name", "Müller");
		}

		@PostMapping("/kinds/string")
		@ResponseBody
		String string(HttpServletRequest request) {
			run(request);
			return "Grüße";
		}

		@PostMapping(path = "/kinds/bytes", produces = "application/octet-stream")
		@ResponseBody
		byte[] bytes(HttpServletRequest request) {
			run(request);
			return everyByte();
		}

		@PostMapping("/kinds/resource")
		ResponseEntity<ByteArrayResource> resource(HttpServletRequest request) {
			run(request);
			return ResponseEntity.ok().contentType(MediaType.APPLICATION_PDF).body(new ByteArrayResource(everyByte()));
		}

		@PostMapping("/kinds/null-body")
		@ResponseBody
		@Nullable Object nullBody(HttpServletRequest request) {
			run(request);
			return null;
		}

		@PostMapping("/kinds/entity")
		ResponseEntity<Map<String, Object>> entity(HttpServletRequest request) {
			run(request);
			return ResponseEntity.status(201)
				.header("Location", "/kinds/1")
				.eTag("\"v1\"")
				.header("X-Many", "one", "two")
				.header("Cache-Control", "no-store")
				.lastModified(1_000_000)
				.body(Map.of("id", 1));
		}

		@PostMapping("/kinds/entity-no-content")
		ResponseEntity<Void> entityNoContent(HttpServletRequest request) {
			run(request);
			return ResponseEntity.noContent().build();
		}

		@PostMapping("/kinds/entity-problem")
		ResponseEntity<Object> entityProblem(HttpServletRequest request) {
			run(request);
			return ResponseEntity.badRequest()
				.contentType(MediaType.APPLICATION_PROBLEM_JSON)
				.body(Map.of("title", "No"));
		}

		@PostMapping("/kinds/status-void")
		@ResponseStatus(HttpStatus.ACCEPTED)
		@ResponseBody
		void statusVoid(HttpServletRequest request) {
			run(request);
		}

		@PostMapping("/kinds/void-written")
		void voidWritten(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setContentType("text/plain");
			response.getWriter().write("written");
		}

		@PostMapping("/kinds/view")
		String view(HttpServletRequest request, Model model) {
			run(request);
			model.addAttribute("greeting", "Grüße");
			return "handler-kind";
		}

		@PostMapping("/kinds/model-and-view")
		ModelAndView modelAndView(HttpServletRequest request) {
			run(request);
			return new ModelAndView("handler-kind", Map.of("greeting", "Hello"), HttpStatus.CREATED);
		}

		@PostMapping("/kinds/view-with-language")
		String viewWithLanguage(HttpServletRequest request, HttpServletResponse response, Model model) {
			run(request);
			response.setHeader("Content-Language", "fr-CA");
			model.addAttribute("greeting", "Bonjour");
			return "handler-kind";
		}

		@PostMapping("/kinds/redirect-absolute-path")
		String redirectAbsolutePath(HttpServletRequest request) {
			run(request);
			return "redirect:/kinds/other?a=b";
		}

		@PostMapping("/kinds/redirect-relative")
		String redirectRelative(HttpServletRequest request) {
			run(request);
			return "redirect:other";
		}

		@PostMapping("/kinds/redirect-external")
		String redirectExternal(HttpServletRequest request) {
			run(request);
			return "redirect:https://example.org/x?a=%C3%BC#part";
		}

		@PostMapping("/kinds/redirect-see-other")
		RedirectView redirectSeeOther(HttpServletRequest request) {
			run(request);
			RedirectView view = new RedirectView("/kinds/other", true, false);
			view.setStatusCode(HttpStatus.SEE_OTHER);
			return view;
		}

		@PostMapping("/kinds/redirect-entity")
		ResponseEntity<Void> redirectEntity(HttpServletRequest request) {
			run(request);
			return ResponseEntity.status(HttpStatus.SEE_OTHER).header("Location", "/kinds/other").build();
		}

		@PostMapping("/kinds/send-redirect")
		void sendRedirect(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.sendRedirect("/kinds/other");
		}

		@PostMapping("/kinds/send-redirect-relative")
		void sendRedirectRelative(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.sendRedirect("other", 307);
		}

		@PostMapping("/kinds/send-redirect-dots")
		void sendRedirectDots(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.sendRedirect("../a/./b/../c?x=../y#z");
		}

		@PostMapping("/kinds/send-redirect-keeping-body")
		void sendRedirectKeepingBody(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setContentType("text/plain");
			response.getWriter().write("kept");
			response.sendRedirect("/kinds/other", 303, false);
		}

		@PostMapping("/kinds/send-redirect-after-writing")
		void sendRedirectAfterWriting(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.getOutputStream().write(everyByte());
			response.sendRedirect("/kinds/other");
			response.getOutputStream().write(1);
		}

		@PostMapping("/kinds/stream")
		void stream(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setContentType("image/png");
			response.getOutputStream().write(everyByte());
		}

		@PostMapping("/kinds/stream-single-bytes")
		void streamSingleBytes(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			for (byte value : everyByte()) {
				response.getOutputStream().write(value);
			}
			response.getOutputStream().print("printed");
			response.getOutputStream().println(3);
		}

		@PostMapping("/kinds/writer")
		void writer(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.getWriter().printf("%s and %s", "Müller", "€");
		}

		@PostMapping("/kinds/writer-latin")
		void writerLatin(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setContentType("text/plain; charset=ISO-8859-1");
			response.getWriter().write("Müller");
		}

		@PostMapping("/kinds/writer-html")
		void writerHtml(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setContentType("text/html");
			response.getWriter().write("<p>Müller</p>");
		}

		@PostMapping("/kinds/writer-json")
		void writerJson(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setContentType("application/json");
			response.getWriter().write("{\"name\":\"Müller\"}");
		}

		@PostMapping("/kinds/writer-utf8-set-late")
		void writerUtf8SetLate(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			PrintWriter writer = response.getWriter();
			response.setCharacterEncoding("UTF-8");
			writer.write("Müller");
		}

		@PostMapping("/kinds/writer-type-set-late")
		void writerTypeSetLate(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setCharacterEncoding("UTF-8");
			PrintWriter writer = response.getWriter();
			writer.write("Müller");
			response.setContentType("text/plain;charset=ISO-8859-1");
		}

		@PostMapping("/kinds/writer-by-locale")
		void writerByLocale(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setContentType("text/plain");
			response.setLocale(Locale.JAPAN);
			response.getWriter().write("日本");
			response.setLocale(Locale.GERMANY);
		}

		@PostMapping("/kinds/flush")
		void flush(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setContentType("text/plain");
			response.getOutputStream().print("one");
			response.flushBuffer();
			response.getOutputStream().print("two");
			response.getOutputStream().flush();
			response.getOutputStream().print("three");
		}

		@PostMapping("/kinds/flush-writer")
		void flushWriter(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setContentType("text/plain;charset=UTF-16");
			response.getWriter().write("one");
			response.getWriter().flush();
			response.getWriter().write("two");
			response.flushBuffer();
			response.getWriter().write("three");
			response.getWriter().close();
		}

		@PostMapping("/kinds/reset")
		void reset(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setStatus(202);
			response.setHeader("X-Lost", "lost");
			response.setContentType("text/plain;charset=UTF-8");
			response.getWriter().write("lost");
			response.reset();
			response.setHeader("X-Kept", "kept");
			response.setContentType("text/html;charset=UTF-8");
			response.getWriter().write("Müller");
		}

		@PostMapping("/kinds/reset-buffer")
		void resetBuffer(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setStatus(202);
			response.setContentType("text/plain;charset=UTF-8");
			response.getWriter().write("lost");
			response.resetBuffer();
			response.getWriter().write("kept");
		}

		@PostMapping("/kinds/writer-to-stream-by-reset")
		void writerToStreamByReset(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.getWriter().write("lost");
			response.reset();
			response.setContentType("application/octet-stream");
			response.getOutputStream().write(everyByte());
		}

		@PostMapping("/kinds/content-length")
		void contentLength(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setContentType("text/plain");
			response.setContentLength(4);
			response.getOutputStream().print("four");
		}

		@PostMapping("/kinds/content-length-header")
		void contentLengthHeader(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setContentType("text/plain");
			response.setHeader("Content-Length", "4");
			response.getWriter().write("four");
		}

		@PostMapping("/kinds/content-length-too-long")
		void contentLengthTooLong(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setContentLengthLong(100);
			response.reset();
			response.getOutputStream().print("four");
		}

		@PostMapping("/kinds/close")
		void close(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setContentType("text/plain");
			try (PrintWriter writer = response.getWriter()) {
				writer.write("closed");
			}
		}

		@PostMapping("/kinds/write-after-close")
		void writeAfterClose(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setContentType("text/plain");
			response.getWriter().write("closed");
			response.getWriter().close();
			response.getWriter().write("lost");
			response.setHeader("X-Lost", "lost");
			response.setStatus(202);
		}

		@PostMapping("/kinds/status-only")
		void statusOnly(HttpServletRequest request, HttpServletResponse response) {
			run(request);
			response.setStatus(202);
		}

		@PostMapping("/kinds/many-headers")
		void manyHeaders(HttpServletRequest request, HttpServletResponse response) {
			run(request);
			response.addHeader("X-Many", "one");
			response.addHeader("x-many", "two, three");
			response.addIntHeader("X-Int", 1);
			response.addIntHeader("X-Int", 2);
			response.setDateHeader("Last-Modified", 1_000_000);
			response.setHeader("X-Empty", "");
			response.addHeader("Vary", "Accept");
			response.addHeader("Vary", "Accept-Language");
			response.setContentType("text/plain; charset=utf-8; format=flowed");
		}

		@PostMapping("/kinds/cookies")
		@ResponseBody
		String cookies(HttpServletRequest request, HttpServletResponse response) {
			run(request);
			response.addCookie(new Cookie("a", "1"));
			response.addHeader("Set-Cookie", "b=2");
			return "cookies";
		}

		@PostMapping("/kinds/large")
		@ResponseBody
		String large(HttpServletRequest request) {
			run(request);
			return "0123456789".repeat(50_000);
		}

		@PostMapping("/kinds/callable")
		@ResponseBody
		Callable<Map<String, Object>> callable(HttpServletRequest request) {
			run(request);
			return () -> Map.of("name", "Müller");
		}

		@PostMapping("/kinds/callable-entity")
		Callable<ResponseEntity<String>> callableEntity(HttpServletRequest request) {
			run(request);
			return () -> ResponseEntity.status(201).header("Location", "/kinds/1").body("created");
		}

		@PostMapping("/kinds/callable-view")
		Callable<String> callableView(HttpServletRequest request, Model model) {
			run(request);
			model.addAttribute("greeting", "Hello");
			return () -> "handler-kind";
		}

		@PostMapping("/kinds/callable-redirect")
		Callable<String> callableRedirect(HttpServletRequest request) {
			run(request);
			return () -> "redirect:/kinds/other";
		}

		@PostMapping("/kinds/callable-failing")
		@ResponseBody
		Callable<String> callableFailing(HttpServletRequest request) {
			run(request);
			return () -> {
				throw new IllegalStateException("callable");
			};
		}

		@PostMapping("/kinds/callable-writing")
		@ResponseBody
		Callable<@Nullable Void> callableWriting(HttpServletRequest request, HttpServletResponse response) {
			run(request);
			return () -> {
				response.setContentType("text/plain");
				response.getWriter().write("written by a callable");
				return null;
			};
		}

		@PostMapping("/kinds/deferred")
		@ResponseBody
		DeferredResult<Map<String, Object>> deferred(HttpServletRequest request) {
			run(request);
			DeferredResult<Map<String, Object>> result = new DeferredResult<>();
			THREADS.execute(() -> result.setResult(Map.of("name", "Müller")));
			return result;
		}

		@PostMapping("/kinds/deferred-at-once")
		DeferredResult<ResponseEntity<String>> deferredAtOnce(HttpServletRequest request) {
			run(request);
			DeferredResult<ResponseEntity<String>> result = new DeferredResult<>();
			result.setResult(ResponseEntity.accepted().body("at once"));
			return result;
		}

		@PostMapping("/kinds/deferred-failing")
		@ResponseBody
		DeferredResult<String> deferredFailing(HttpServletRequest request) {
			run(request);
			DeferredResult<String> result = new DeferredResult<>();
			THREADS.execute(() -> result.setErrorResult(new ResponseStatusException(HttpStatus.CONFLICT)));
			return result;
		}

		@PostMapping("/kinds/deferred-timeout")
		@ResponseBody
		DeferredResult<String> deferredTimeout(HttpServletRequest request) {
			run(request);
			return new DeferredResult<>(TIMEOUT);
		}

		@PostMapping("/kinds/deferred-timeout-default")
		@ResponseBody
		DeferredResult<String> deferredTimeoutDefault(HttpServletRequest request) {
			run(request);
			return new DeferredResult<>(TIMEOUT, "default");
		}

		@PostMapping("/kinds/future")
		@ResponseBody
		CompletableFuture<Map<String, Object>> future(HttpServletRequest request) {
			run(request);
			return CompletableFuture.supplyAsync(() -> Map.of("name", "Müller"), THREADS);
		}

		@PostMapping("/kinds/future-at-once")
		CompletableFuture<ResponseEntity<String>> futureAtOnce(HttpServletRequest request) {
			run(request);
			return CompletableFuture.completedFuture(ResponseEntity.accepted().body("at once"));
		}

		@PostMapping("/kinds/future-failing")
		@ResponseBody
		CompletableFuture<String> futureFailing(HttpServletRequest request) {
			run(request);
			return CompletableFuture.supplyAsync(() -> {
				throw new IllegalStateException("future");
			}, THREADS);
		}

		@PostMapping("/kinds/async-task")
		@ResponseBody
		WebAsyncTask<String> asyncTask(HttpServletRequest request) {
			run(request);
			return new WebAsyncTask<>(() -> "task");
		}

		@PostMapping("/kinds/start-async")
		void startAsync(HttpServletRequest request, HttpServletResponse response) {
			run(request);
			AsyncContext async = request.startAsync();
			THREADS.execute(() -> {
				HttpServletResponse asyncResponse = (HttpServletResponse) async.getResponse();
				asyncResponse.setStatus(202);
				asyncResponse.setHeader("X-Async", "yes");
				asyncResponse.setContentType("application/octet-stream");
				write(asyncResponse, everyByte());
				async.complete();
			});
		}

		@PostMapping("/kinds/start-async-writer")
		void startAsyncWriter(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setContentType("text/plain;charset=UTF-8");
			PrintWriter writer = response.getWriter();
			AsyncContext async = request.startAsync();
			THREADS.execute(() -> {
				writer.write("Müller");
				async.complete();
			});
		}

		@PostMapping("/kinds/start-async-with-arguments")
		void startAsyncWithArguments(HttpServletRequest request, HttpServletResponse response) {
			run(request);
			AsyncContext async = request.startAsync(request, response);
			THREADS.execute(() -> {
				write(response, everyByte());
				async.complete();
			});
		}

		@PostMapping("/kinds/start-async-at-once")
		void startAsyncAtOnce(HttpServletRequest request, HttpServletResponse response) {
			run(request);
			AsyncContext async = request.startAsync();
			write(response, everyByte());
			async.complete();
		}

		@PostMapping("/kinds/start-async-empty")
		void startAsyncEmpty(HttpServletRequest request, HttpServletResponse response) {
			run(request);
			AsyncContext async = request.startAsync();
			THREADS.execute(async::complete);
		}

		@PostMapping("/kinds/start-async-dispatch")
		void startAsyncDispatch(HttpServletRequest request, HttpServletResponse response) {
			run(request);
			AsyncContext async = request.startAsync();
			THREADS.execute(() -> async.dispatch("/kinds/target"));
		}

		@PostMapping("/kinds/start-async-error")
		void startAsyncError(HttpServletRequest request, HttpServletResponse response) {
			run(request);
			AsyncContext async = request.startAsync();
			THREADS.execute(() -> {
				try {
					((HttpServletResponse) async.getResponse()).sendError(409, "async");
				}
				catch (IOException ex) {
					throw new IllegalStateException(ex);
				}
				async.complete();
			});
		}

		@PostMapping("/kinds/start-async-redirect")
		void startAsyncRedirect(HttpServletRequest request, HttpServletResponse response) {
			run(request);
			AsyncContext async = request.startAsync();
			THREADS.execute(() -> {
				try {
					response.sendRedirect("/kinds/other");
				}
				catch (IOException ex) {
					throw new IllegalStateException(ex);
				}
				async.complete();
			});
		}

		@PostMapping("/kinds/start-async-runnable")
		void startAsyncRunnable(HttpServletRequest request, HttpServletResponse response) {
			run(request);
			AsyncContext async = request.startAsync();
			async.start(() -> {
				write(response, everyByte());
				async.complete();
			});
		}

		@PostMapping("/kinds/start-async-timeout")
		void startAsyncTimeout(HttpServletRequest request, HttpServletResponse response) {
			run(request);
			request.startAsync().setTimeout(TIMEOUT);
		}

		@PostMapping("/kinds/start-async-get-context")
		void startAsyncGetContext(HttpServletRequest request, HttpServletResponse response) {
			run(request);
			request.startAsync();
			AsyncContext async = request.getAsyncContext();
			THREADS.execute(() -> {
				write((HttpServletResponse) async.getResponse(), everyByte());
				async.complete();
			});
		}

		@PostMapping("/kinds/target")
		@ResponseBody
		Map<String, Object> target() {
			return Map.of("target", "Müller");
		}

		@PostMapping("/kinds/callable-target")
		@ResponseBody
		Callable<Map<String, Object>> callableTarget() {
			return () -> Map.of("target", "Müller");
		}

		@PostMapping("/kinds/forward-view")
		String forwardView(HttpServletRequest request, HttpServletResponse response) {
			run(request);
			response.setHeader("X-Before", "forward");
			return "forward:/kinds/target";
		}

		@PostMapping("/kinds/forward")
		void forward(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
			run(request);
			response.setStatus(202);
			request.getRequestDispatcher("/kinds/target").forward(request, response);
		}

		@PostMapping("/kinds/forward-after-writing")
		void forwardAfterWriting(HttpServletRequest request, HttpServletResponse response)
				throws ServletException, IOException {
			run(request);
			response.getOutputStream().print("lost");
			request.getRequestDispatcher("/kinds/target").forward(request, response);
		}

		@PostMapping("/kinds/forward-to-callable")
		String forwardToCallable(HttpServletRequest request) {
			run(request);
			return "forward:/kinds/callable-target";
		}

		@PostMapping("/kinds/include")
		void include(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
			run(request);
			response.getOutputStream().print("before ");
			request.getRequestDispatcher("/kinds/target").include(request, response);
			response.getOutputStream().print(" after");
		}

		@PostMapping("/kinds/throw")
		void fail(HttpServletRequest request, HttpServletResponse response) {
			run(request);
			response.setHeader("X-Before", "failure");
			throw new IllegalStateException("unhandled");
		}

		@PostMapping("/kinds/throw-after-writing")
		void failAfterWriting(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setContentType("text/plain");
			response.getWriter().write("lost");
			throw new IllegalStateException("unhandled");
		}

		@PostMapping("/kinds/throw-handled")
		@ResponseBody
		String failHandled(HttpServletRequest request) {
			run(request);
			throw new UnsupportedOperationException("handled");
		}

		@PostMapping("/kinds/throw-status")
		@ResponseBody
		String failWithStatus(HttpServletRequest request) {
			run(request);
			throw new ResponseStatusException(HttpStatus.PAYMENT_REQUIRED, "pay first");
		}

		@PostMapping("/kinds/throw-with-status-annotation")
		@ResponseBody
		String failWithAnnotatedStatus(HttpServletRequest request) {
			run(request);
			throw new Gone();
		}

		@PostMapping("/kinds/send-error")
		void sendError(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.sendError(404);
		}

		@PostMapping("/kinds/send-error-message")
		void sendErrorMessage(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setHeader("X-Before", "error");
			response.sendError(503, "later");
		}

		@PostMapping("/kinds/send-error-after-writing")
		void sendErrorAfterWriting(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.getWriter().write("lost");
			response.sendError(409);
			response.getWriter().write("lost too");
		}

		@PostMapping("/kinds/send-error-by-advice")
		void sendErrorByAdvice(HttpServletRequest request) {
			run(request);
			throw new UncheckedTimeout();
		}

		@ExceptionHandler
		ResponseEntity<Map<String, Object>> handle(UnsupportedOperationException ex) {
			return ResponseEntity.status(418).header("X-Handled", "yes").body(Map.of("error", "handled"));
		}

		@ExceptionHandler
		void handle(UncheckedTimeout ex, HttpServletResponse response) throws IOException {
			response.sendError(504, "by advice");
		}

		private static byte[] everyByte() {
			byte[] bytes = new byte[256];
			for (int i = 0; i < bytes.length; i++) {
				bytes[i] = (byte) i;
			}
			return bytes;
		}

		private static void write(HttpServletResponse response, byte[] bytes) {
			try {
				response.getOutputStream().write(bytes);
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

	@ResponseStatus(HttpStatus.GONE)
	static class Gone extends RuntimeException {

	}

	static class UncheckedTimeout extends RuntimeException {

	}

	@Configuration(proxyBeanMethods = false)
	static class Routes {

		@Bean
		RouterFunction<ServerResponse> routes(Runs runs) {
			return RouterFunctions.route()
				.POST("/routes/body", counting(runs, (request) -> ServerResponse.ok().body(Map.of("name", "Müller"))))
				.POST("/routes/created",
						counting(runs,
								(request) -> ServerResponse.created(request.uri().resolve("/routes/1"))
									.eTag("\"v1\"")
									.header("X-Many", "one", "two")
									.body("created")))
				.POST("/routes/no-content", counting(runs, (request) -> ServerResponse.noContent().build()))
				.POST("/routes/see-other",
						counting(runs,
								(request) -> ServerResponse.seeOther(request.uri().resolve("/routes/other")).build()))
				.POST("/routes/view",
						counting(runs,
								(request) -> ServerResponse.ok().render("handler-kind", Map.of("greeting", "Hello"))))
				.POST("/routes/written",
						counting(runs, (request) -> ServerResponse.ok().build((servletRequest, response) -> {
							response.setContentType("text/plain");
							response.getWriter().write("written");
							return null;
						})))
				.POST("/routes/future",
						counting(runs,
								(request) -> ServerResponse
									.async(CompletableFuture.supplyAsync(() -> ServerResponse.ok().body("future")))))
				.POST("/routes/failing", counting(runs, (request) -> {
					throw new ResponseStatusException(HttpStatus.CONFLICT);
				}))
				.build();
		}

		private static HandlerFunction<ServerResponse> counting(Runs runs, HandlerFunction<ServerResponse> handler) {
			return (request) -> handler.handle(run(request, runs));
		}

		private static ServerRequest run(ServerRequest request, Runs runs) {
			runs.next(request.servletRequest().getHeader("X-Run"));
			return request;
		}

	}

}
