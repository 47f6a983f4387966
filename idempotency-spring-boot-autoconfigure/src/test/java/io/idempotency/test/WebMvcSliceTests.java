package io.idempotency.test;

import io.idempotency.Idempotent;
import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.store.IdempotencyStore;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.bean.override.convention.TestBean;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.request.RequestPostProcessor;

import static io.idempotency.test.IdempotencyRequestPostProcessors.idempotencyKey;
import static io.idempotency.test.IdempotencyResultMatchers.notReplayed;
import static io.idempotency.test.IdempotencyResultMatchers.refused;
import static io.idempotency.test.IdempotencyResultMatchers.replayed;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The handlers of a {@code @WebMvcTest} are protected without any other annotation.
 */
class WebMvcSliceTests {

	@Nested
	@WebMvcTest(Orders.class)
	class PlainTests {

		@Autowired
		private MockMvcTester mvc;

		@Test
		@DisplayName("M4: an annotated handler requires a key")
		void requiresKey() {
			assertThat(this.mvc.post().uri("/refunds")).hasStatus(400).matches(refused("key-missing"));
		}

		@Test
		@DisplayName("R1, H2: retries are replayed by the filters, also of asynchronous handlers")
		void replays() {
			for (String path : new String[] { "/orders", "/callable", "/refunds" }) {
				RequestPostProcessor key = idempotencyKey();
				assertThat(this.mvc.post().uri(path).with(key)).hasStatus2xxSuccessful().matches(notReplayed());
				assertThat(this.mvc.post().uri(path).with(key)).hasStatus2xxSuccessful().matches(replayed());
			}
		}

	}

	@Nested
	@WebMvcTest(Orders.class)
	@AutoConfigureIdempotency
	class AnnotatedTests {

		@Test
		void mayHaveAnnotationAsWell(@Autowired MockMvcTester mvc) {
			assertThat(mvc.post().uri("/refunds")).hasStatus(400).matches(refused("key-missing"));
		}

	}

	@Nested
	@WebMvcTest(controllers = Orders.class, properties = "idempotency.enabled=false")
	class DisabledTests {

		@Test
		void hasNoIdempotencyWhereItIsDisabled(@Autowired MockMvcTester mvc) {
			RequestPostProcessor key = idempotencyKey();
			assertThat(mvc.post().uri("/orders").with(key)).hasStatus(201);
			assertThat(mvc.post().uri("/orders").with(key)).hasStatus(201).matches(notReplayed());
		}

	}

	@Nested
	@WebMvcTest(controllers = Orders.class,
			properties = "spring.config.location=classpath:io/idempotency/test/redis.properties")
	class RedisApplicationTests {

		@Test
		void keepsRecordsInMemoryWhateverStoreApplicationHas(@Autowired MockMvcTester mvc,
				@Autowired IdempotencyStore store) {
			assertThat(store).isInstanceOf(MemoryIdempotencyStore.class);
			RequestPostProcessor key = idempotencyKey();
			assertThat(mvc.post().uri("/orders").with(key)).hasStatus(201);
			assertThat(mvc.post().uri("/orders").with(key)).matches(replayed());
		}

	}

	@Nested
	@WebMvcTest(controllers = Orders.class,
			properties = "spring.config.location=classpath:io/idempotency/test/transactional.properties")
	class TransactionalApplicationTests {

		@Test
		void needsNoTransactionsWhateverApplicationHas(@Autowired MockMvcTester mvc) {
			RequestPostProcessor key = idempotencyKey();
			assertThat(mvc.post().uri("/orders").with(key)).hasStatus(201);
			assertThat(mvc.post().uri("/orders").with(key)).matches(replayed());
		}

	}

	@Nested
	@WebMvcTest(Orders.class)
	@TestPropertySource(properties = "idempotency.store=jdbc")
	@Import(OwnStore.class)
	class OtherStoreTests {

		@Test
		void usesStoreThatTestSelects(@Autowired ApplicationContext context) {
			assertThat(context.getEnvironment().getProperty("idempotency.store")).isEqualTo("jdbc");
			assertThat(context.getBeanNamesForType(IdempotencyStore.class)).containsExactly("ownStore");
		}

	}

	@Nested
	@WebMvcTest(Orders.class)
	@AutoConfigureMockMvc(addFilters = false)
	class UnfilteredTests {

		@Autowired
		private MockMvcTester mvc;

		@Test
		void runsRequestWithoutKey() {
			assertThat(this.mvc.post().uri("/orders")).hasStatus(201);
			assertThat(this.mvc.post().uri("/refunds")).hasStatus(400).matches(refused("key-missing"));
		}

		@Test
		void saysThatFiltersAreMissing() {
			assertThat(this.mvc.post().uri("/orders").with(idempotencyKey())).failure()
				.hasMessageContaining("The idempotency filter did not see this request")
				.hasMessageContaining("@AutoConfigureMockMvc(addFilters = true)");
		}

	}

	@Nested
	@WebMvcTest(Orders.class)
	class MockedServiceTests {

		@MockitoBean
		private Payments payments;

		@Test
		@DisplayName("M10: a mock of a class with protected methods is no mistake")
		void mayMockProtectedService() {
			assertThat(this.payments.pay("a")).isNull();
		}

	}

	@Nested
	@WebMvcTest(Orders.class)
	@Import(Payments.class)
	class ReplacedServiceTests {

		@TestBean
		@SuppressWarnings("NullAway.Init")
		private Payments payments;

		static Payments payments() {
			return new Payments();
		}

		@Test
		@DisplayName("M10: nor is an object that a test puts in the place of a bean")
		void mayReplaceProtectedService() {
			assertThat(this.payments.pay("a")).isEqualTo("paid a");
		}

	}

	static class Payments {

		@Idempotent(key = "#id")
		public String pay(String id) {
			return "paid " + id;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnStore {

		@Bean
		IdempotencyStore ownStore() {
			return new MemoryIdempotencyStore(10);
		}

	}

}
