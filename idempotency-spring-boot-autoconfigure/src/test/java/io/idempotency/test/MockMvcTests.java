package io.idempotency.test;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import io.idempotency.engine.IdempotencyEngine;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.MvcResult;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.test.web.servlet.request.RequestPostProcessor;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;
import org.springframework.web.context.WebApplicationContext;

import static io.idempotency.test.IdempotencyMockMvcConfigurers.idempotency;
import static io.idempotency.test.IdempotencyRequestPostProcessors.idempotencyKey;
import static io.idempotency.test.IdempotencyResultMatchers.notReplayed;
import static io.idempotency.test.IdempotencyResultMatchers.refused;
import static io.idempotency.test.IdempotencyResultMatchers.replayed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.asyncDispatch;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

/**
 * Applications test their handlers with {@code MockMvc}: the filter is in its chain.
 */
class MockMvcTests {

	@Nested
	@SpringBootTest(classes = Application.class, properties = "idempotency.store=memory")
	@AutoConfigureMockMvc
	class WholeApplicationTests {

		@Autowired
		private MockMvcTester mvc;

		@Autowired
		private MockMvc mockMvc;

		@Autowired
		private WebApplicationContext context;

		@Autowired
		private Orders orders;

		// R1, R2
		@Test
		void replaysInMockMvc() throws Exception {
			RequestPostProcessor key = idempotencyKey();
			String body = this.mockMvc.perform(post("/orders").with(key))
				.andExpect(status().isCreated())
				.andExpect(notReplayed())
				.andReturn()
				.getResponse()
				.getContentAsString();
			this.mockMvc.perform(post("/orders").with(key))
				.andExpect(status().isCreated())
				.andExpect(replayed())
				.andExpect(content().string(body));
			this.mockMvc.perform(post("/orders").with(idempotencyKey())).andExpect(notReplayed());
		}

		// R1, H2
		@ParameterizedTest
		@ValueSource(strings = { "/orders", "/callable", "/future" })
		void replaysInMockMvcTester(String path) throws Exception {
			RequestPostProcessor key = idempotencyKey();
			MvcTestResult first = this.mvc.post().uri(path).with(key).exchange();
			int runs = this.orders.runs();
			MvcTestResult retry = this.mvc.post().uri(path).with(key).exchange();
			assertThat(first).hasStatus2xxSuccessful().matches(notReplayed());
			assertThat(retry).hasStatus(first.getResponse().getStatus()).matches(replayed());
			assertThat(retry.getResponse().getContentAsString()).isEqualTo(first.getResponse().getContentAsString())
				.contains(Integer.toString(runs));
			assertThat(retry.getResponse().getHeader("X-Order")).isEqualTo(first.getResponse().getHeader("X-Order"));
			assertThat(this.orders.runs()).isEqualTo(runs);
		}

		// H2
		@Test
		void replaysWhatWasDispatchedByHand() throws Exception {
			RequestPostProcessor key = idempotencyKey();
			MvcResult started = this.mockMvc.perform(post("/callable").with(key)).andReturn();
			this.mockMvc.perform(asyncDispatch(started)).andExpect(status().isAccepted()).andExpect(notReplayed());
			this.mockMvc.perform(post("/callable").with(key)).andExpect(status().isAccepted()).andExpect(replayed());
		}

		// C1, F2, M4
		@Test
		void tellsWhyRequestIsRefused() throws Exception {
			RequestPostProcessor key = idempotencyKey();
			this.mvc.post().uri("/orders").with(key).content("{}").exchange();
			assertThat(this.mvc.post().uri("/orders").with(key).content("[]")).matches(refused("key-reused"))
				.matches(notReplayed())
				.hasStatus(422);
			assertThat(this.mvc.post().uri("/refunds")).matches(refused("key-missing"));
			CompletableFuture<MvcTestResult> first = CompletableFuture
				.supplyAsync(() -> this.mvc.post().uri("/held").with(key).exchange());
			this.orders.awaitHeld();
			assertThat(this.mvc.post().uri("/held").with(key)).matches(refused("in-progress")).hasStatus(409);
			this.orders.release();
			assertThat(first.join()).hasStatusOk().matches(notReplayed());
		}

		@Test
		void saysWhatWasExpected() {
			RequestPostProcessor key = idempotencyKey();
			MvcTestResult first = this.mvc.post().uri("/orders").with(key).exchange();
			MvcTestResult retry = this.mvc.post().uri("/orders").with(key).exchange();
			assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> assertThat(first).matches(replayed()))
				.withMessageContaining("Response header 'Idempotent-Replayed' of a replay");
			assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> assertThat(retry).matches(notReplayed()))
				.withMessageContaining("Response header 'Idempotent-Replayed', which marks a replay");
			assertThatExceptionOfType(AssertionError.class)
				.isThrownBy(() -> assertThat(first).matches(refused("in-progress")))
				.withMessageContaining("Reason why the request is refused");
			MvcTestResult refused = this.mvc.post().uri("/refunds").exchange();
			assertThatExceptionOfType(AssertionError.class)
				.isThrownBy(() -> assertThat(refused).matches(refused("in-progress")))
				.withMessageContaining("key-missing");
		}

		@Test
		void setsKeyThatTestGives() {
			assertThat(this.mvc.post().uri("/refunds").with(idempotencyKey()).with(idempotencyKey("my-key"))).bodyJson()
				.extractingPath("$.key")
				.isEqualTo("my-key");
		}

		@Test
		void makesFreshUuidForEachPostProcessor() {
			assertThat(this.mvc.post().uri("/refunds").with(idempotencyKey())).bodyJson()
				.extractingPath("$.key")
				.asString()
				.matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
		}

		@Test
		void saysThatFilterIsMissingFromMockMvcBuiltByHand() {
			MockMvcTester unfiltered = MockMvcTester.create(MockMvcBuilders.webAppContextSetup(this.context).build());
			assertThat(unfiltered.post().uri("/orders").with(idempotencyKey())).failure()
				.hasMessageContaining("The idempotency filter did not see this request");
		}

		@Test
		void replaysInMockMvcBuiltByHand() {
			MockMvcTester filtered = MockMvcTester
				.create(MockMvcBuilders.webAppContextSetup(this.context).apply(idempotency()).build());
			RequestPostProcessor key = idempotencyKey();
			assertThat(filtered.post().uri("/callable").with(key)).hasStatus(202).matches(notReplayed());
			assertThat(filtered.post().uri("/callable").with(key)).hasStatus(202).matches(replayed());
		}

	}

	@Nested
	@WebMvcTest(Orders.class)
	@AutoConfigureIdempotency
	@TestPropertySource(properties = { "idempotency.keyHeader=X-Key", "idempotency.replay-header=X-Replay",
			"idempotency.wait-timeout=30s" })
	class SliceTests {

		@Autowired
		private MockMvcTester mvc;

		@Autowired
		private Orders orders;

		// C2
		@Test
		void waitsForConcurrentRequest(@Autowired IdempotencyEngine engine) throws Exception {
			RequestPostProcessor key = idempotencyKey();
			CompletableFuture<MvcTestResult> first = CompletableFuture
				.supplyAsync(() -> this.mvc.post().uri("/held").with(key).exchange());
			this.orders.awaitHeld();
			CompletableFuture<MvcTestResult> waiting = CompletableFuture
				.supplyAsync(() -> this.mvc.post().uri("/held").with(key).exchange(Duration.ofSeconds(30)));
			await().until(() -> engine.waiting() == 1);
			this.orders.release();
			assertThat(first.join()).hasStatusOk().matches(notReplayed());
			assertThat(waiting.join()).hasStatusOk().matches(replayed());
		}

		// K1, R2
		@Test
		void protectsHandlersWithHeadersOfApplication() {
			RequestPostProcessor key = idempotencyKey("k");
			assertThat(this.mvc.post().uri("/refunds").with(key)).matches(notReplayed()).bodyText().contains("\"k\"");
			MvcTestResult retry = this.mvc.post().uri("/refunds").with(key).exchange();
			assertThat(retry).matches(replayed());
			assertThat(retry.getRequest().getHeader("X-Key")).isEqualTo("k");
			assertThat(retry).hasHeader("X-Replay", "true").doesNotContainHeader("Idempotent-Replayed");
		}

	}

	@Nested
	@WebMvcTest(controllers = Orders.class, properties = "idempotency.enabled=false")
	class DisabledSliceTests {

		@Test
		void saysWhatSliceLacks(@Autowired WebApplicationContext context) {
			assertThatIllegalStateException()
				.isThrownBy(() -> MockMvcBuilders.webAppContextSetup(context).apply(idempotency()).build())
				.withMessageContaining("has no idempotency filter");
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(excludeName = { "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
			"org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration",
			"org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration",
			"org.springframework.boot.security.autoconfigure.actuate.web.servlet.ManagementWebSecurityAutoConfiguration" })
	@Import(Orders.class)
	static class Application {

	}

}
