package com.example;

import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.request.RequestPostProcessor;

import static io.idempotency.test.IdempotencyRequestPostProcessors.idempotencyKey;
import static io.idempotency.test.IdempotencyResultMatchers.notReplayed;
import static io.idempotency.test.IdempotencyResultMatchers.replayed;
import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest
@AutoConfigureMockMvc
class ConsumerApplicationTests {

	@Autowired
	private MockMvcTester mvc;

	@Test
	void paysOnce() {
		RequestPostProcessor key = idempotencyKey();
		assertThat(this.mvc.post().uri("/payments").with(key)).matches(notReplayed()).bodyText().isEqualTo("payment 1");
		assertThat(this.mvc.post().uri("/payments").with(key)).matches(replayed()).bodyText().isEqualTo("payment 1");
	}

}
