package io.idempotency.jdbc;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.idempotency.Idempotent;
import io.idempotency.testing.Runs;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.TransactionAspectSupport;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * An application that charges in a database, and answers in many ways.
 */
@Configuration(proxyBeanMethods = false)
@EnableTransactionManagement
class Charges {

	static final Runs RUNS = new Runs();

	/**
	 * What a handler does between its work and its end, by key, or before its commit.
	 */
	static final Map<String, Runnable> MEANWHILE = new ConcurrentHashMap<>();

	@Bean
	static Ledger ledger(JdbcClient jdbc) {
		return new Ledger(jdbc);
	}

	/**
	 * The table of charges.
	 */
	@DependsOnDatabaseInitialization
	static class Ledger {

		private final JdbcClient jdbc;

		Ledger(JdbcClient jdbc) {
			this.jdbc = jdbc;
			jdbc.sql("create table if not exists charge (request_key varchar(64) not null, run int not null)").update();
		}

		@Transactional
		public void charge(String key, int run) {
			this.jdbc.sql("insert into charge values (:key, :run)").param("key", key).param("run", run).update();
		}

		@Transactional
		public void chargeAndFail(String key) {
			charge(key, 0);
			throw new ResponseStatusException(HttpStatus.PAYMENT_REQUIRED, "No money");
		}

		int count(String key) {
			return this.jdbc.sql("select count(*) from charge where request_key = :key")
				.param("key", key)
				.query(Integer.class)
				.single();
		}

	}

	/**
	 * Each handler charges first.
	 */
	@RestController
	@Idempotent(transactional = true)
	static class Controller {

		private final Ledger ledger;

		Controller(Ledger ledger) {
			this.ledger = ledger;
		}

		private int charge(String key) {
			int run = RUNS.next(key);
			this.ledger.charge(key, run);
			Runnable meanwhile = MEANWHILE.remove(key);
			if (meanwhile != null) {
				meanwhile.run();
			}
			Runnable beforeCommit = MEANWHILE.remove("before commit of " + key);
			if (beforeCommit != null) {
				TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
					@Override
					public void beforeCommit(boolean readOnly) {
						beforeCommit.run();
					}
				});
			}
			return run;
		}

		@PostMapping("/charges")
		ResponseEntity<String> succeed(@RequestHeader("Idempotency-Key") String key) {
			return ResponseEntity.status(201).header("X-Run", "set").body("charged by run " + charge(key));
		}

		@PostMapping("/throws")
		String fail(@RequestHeader("Idempotency-Key") String key) {
			charge(key);
			throw new IllegalStateException("The handler fails");
		}

		@PostMapping("/throws-inside")
		String failInside(@RequestHeader("Idempotency-Key") String key) {
			RUNS.next(key);
			this.ledger.chargeAndFail(key);
			return "never";
		}

		@PostMapping("/sends-error")
		void sendError(@RequestHeader("Idempotency-Key") String key, HttpServletResponse response) throws Exception {
			charge(key);
			response.sendError(402);
		}

		@PostMapping("/refuses")
		ResponseEntity<String> refuse(@RequestHeader("Idempotency-Key") String key) {
			return ResponseEntity.status(402).body("refused by run " + charge(key));
		}

		@PostMapping("/swallows")
		ResponseEntity<String> swallow(@RequestHeader("Idempotency-Key") String key,
				@RequestHeader("X-Status") int status) {
			int run = charge(key);
			try {
				this.ledger.chargeAndFail(key);
			}
			catch (ResponseStatusException ex) {
				// The transaction is marked for rollback all the same.
			}
			return ResponseEntity.status(status).body("swallowed by run " + run);
		}

		@Transactional
		@PostMapping("/rolls-back")
		public String rollBack(@RequestHeader("Idempotency-Key") String key) {
			int run = charge(key);
			TransactionAspectSupport.currentTransactionStatus().setRollbackOnly();
			return "rolled back by run " + run;
		}

		@PostMapping("/commit-fails")
		ResponseEntity<String> failToCommit(@RequestHeader("Idempotency-Key") String key,
				@RequestHeader(name = "X-Integrity", required = false) @Nullable String integrity) {
			int run = charge(key);
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
				@Override
				public void beforeCommit(boolean readOnly) {
					if (run == 1) {
						throw (integrity != null) ? new DataIntegrityViolationException("Too late")
								: new IllegalStateException("Too late");
					}
				}
			});
			return ResponseEntity.status(201).header("X-Run", "set").body("charged by run " + run);
		}

		@PostMapping(path = "/large", produces = MediaType.TEXT_PLAIN_VALUE)
		void large(@RequestHeader("Idempotency-Key") String key, HttpServletResponse response) throws Exception {
			charge(key);
			response.setContentType("text/plain");
			byte[] body = "x".repeat(2_000_000).getBytes(StandardCharsets.UTF_8);
			response.getOutputStream().write(body);
			response.flushBuffer();
		}

		@PostMapping(path = "/pages", produces = MediaType.TEXT_HTML_VALUE)
		String page(@RequestHeader("Idempotency-Key") String key) {
			return "page of run " + charge(key);
		}

		@PostMapping("/starts-async")
		void startAsync(@RequestHeader("Idempotency-Key") String key, HttpServletRequest request) {
			charge(key);
			request.startAsync();
		}

		@ExceptionHandler
		ResponseEntity<String> answer(DataIntegrityViolationException ex) {
			return ResponseEntity.status(409).body("The application says: " + ex.getMessage());
		}

	}

}
