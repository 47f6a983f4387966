package io.idempotency.kafka;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

import io.idempotency.engine.Entry;
import io.idempotency.method.IncomingMessage;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Converts Kafka records to messages that have a key.
 */
final class KafkaMessages {

	private KafkaMessages() {
	}

	/**
	 * Returns a record as a message. If several headers have the same name, the last one
	 * counts.
	 */
	static IncomingMessage of(ConsumerRecord<?, ?> record) {
		Map<String, Object> headers = new HashMap<>();
		for (Header header : record.headers()) {
			if (header.value() != null) {
				headers.put(header.key(), textOrBytes(header.value()));
			}
		}
		return new IncomingMessage(Entry.KAFKA, identity(record), headers, payload(record));
	}

	private static String identity(ConsumerRecord<?, ?> record) {
		return record.topic() + "-" + record.partition() + "@" + record.offset();
	}

	/**
	 * Returns the value of the record, which is {@code null} for a tombstone.
	 */
	private static @Nullable Object payload(ConsumerRecord<?, ?> record) {
		return record.value();
	}

	private static Object textOrBytes(byte[] value) {
		try {
			return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
		}
		catch (CharacterCodingException ex) {
			return value;
		}
	}

}
