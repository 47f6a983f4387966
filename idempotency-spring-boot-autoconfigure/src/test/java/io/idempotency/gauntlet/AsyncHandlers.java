package io.idempotency.gauntlet;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.WebAsyncTask;
import org.springframework.web.server.ResponseStatusException;

/**
 * The handlers that answer later, on another thread. None of them can run in a
 * transaction.
 */
@Controller
@RequestMapping("/a")
class AsyncHandlers {

	private final Ledger ledger;

	AsyncHandlers(Ledger ledger) {
		this.ledger = ledger;
	}

	@PostMapping("/callable")
	@ResponseBody
	Callable<Map<String, Object>> callable() {
		Runnable charge = this.ledger.later();
		return () -> {
			charge.run();
			return Map.of("called", true);
		};
	}

	@PostMapping("/callable-view")
	Callable<String> callableView() {
		Runnable charge = this.ledger.later();
		return () -> {
			charge.run();
			return "redirect:/a/other";
		};
	}

	@PostMapping("/callable-failing")
	Callable<String> callableFailing() {
		Runnable charge = this.ledger.later();
		return () -> {
			charge.run();
			throw new IllegalStateException("The handler fails later");
		};
	}

	@PostMapping("/callable-broken-getter")
	@ResponseBody
	Callable<Handlers.Broken> callableBrokenGetter() {
		Runnable charge = this.ledger.later();
		return () -> {
			charge.run();
			return new Handlers.Broken();
		};
	}

	@PostMapping("/deferred")
	@ResponseBody
	DeferredResult<String> deferred() {
		DeferredResult<String> result = new DeferredResult<>();
		Runnable charge = this.ledger.later();
		start(() -> {
			charge.run();
			result.setResult("deferred");
		});
		return result;
	}

	@PostMapping("/deferred-failing")
	@ResponseBody
	DeferredResult<String> deferredFailing() {
		DeferredResult<String> result = new DeferredResult<>();
		Runnable charge = this.ledger.later();
		start(() -> {
			charge.run();
			result.setErrorResult(new ResponseStatusException(HttpStatus.CONFLICT));
		});
		return result;
	}

	@PostMapping("/future")
	@ResponseBody
	CompletableFuture<Map<String, Object>> future() {
		Runnable charge = this.ledger.later();
		return CompletableFuture.supplyAsync(() -> {
			charge.run();
			return Map.of("future", true);
		});
	}

	@PostMapping("/future-at-once")
	@ResponseBody
	CompletableFuture<String> futureAtOnce() {
		this.ledger.charge();
		return CompletableFuture.completedFuture("at once");
	}

	@PostMapping("/async-task")
	@ResponseBody
	WebAsyncTask<String> asyncTask() {
		Runnable charge = this.ledger.later();
		return new WebAsyncTask<>(30_000L, () -> {
			charge.run();
			return "task";
		});
	}

	@PostMapping("/start-async")
	void startAsync(HttpServletRequest request, HttpServletResponse response) {
		Runnable charge = this.ledger.later();
		AsyncContext context = request.startAsync();
		start(() -> {
			charge.run();
			write(context, "by hand");
			context.complete();
		});
	}

	@PostMapping("/start-async-dispatch")
	@ResponseBody
	@Nullable String startAsyncDispatch(HttpServletRequest request) {
		if (request.getAttribute("dispatched") != null) {
			return "dispatched";
		}
		Runnable charge = this.ledger.later();
		request.setAttribute("dispatched", true);
		AsyncContext context = request.startAsync();
		start(() -> {
			charge.run();
			context.dispatch();
		});
		return null;
	}

	static void start(Runnable task) {
		new Thread(task, "gauntlet-handler").start();
	}

	private static void write(AsyncContext context, String text) {
		try {
			HttpServletResponse response = (HttpServletResponse) context.getResponse();
			response.setContentType("text/plain;charset=UTF-8");
			response.getWriter().write(text);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
