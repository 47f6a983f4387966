package io.idempotency.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.io.ClassPathResource;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.ReturnType;

/**
 * A Lua script on one key. Its text is read and digested once, and its arguments are sent
 * as bytes. Spring Data's executor of scripts would serialize each argument for each
 * call.
 *
 * @param text the text of the script, which is sent if Redis does not know the script
 * @param sha1 the digest of the text, which is sent otherwise
 * @param returnType the type of the result
 */
record RedisLuaScript(byte[] text, String sha1, ReturnType returnType) {

	static RedisLuaScript load(String name, ReturnType returnType) {
		try {
			byte[] text = (read("record") + read(name)).getBytes(StandardCharsets.UTF_8);
			byte[] digest = MessageDigest.getInstance("SHA-1").digest(text);
			return new RedisLuaScript(text, HexFormat.of().formatHex(digest), returnType);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-1, which identifies scripts in Redis", ex);
		}
	}

	private static String read(String name) throws IOException {
		return new ClassPathResource(name + ".lua", RedisLuaScript.class).getContentAsString(StandardCharsets.UTF_8);
	}

	/**
	 * Runs the script on a connection.
	 * @param keyAndArguments the key of the script, followed by its arguments
	 */
	<T> T run(RedisConnection connection, byte[]... keyAndArguments) {
		T answer;
		try {
			answer = connection.scriptingCommands().evalSha(this.sha1, this.returnType, 1, keyAndArguments);
		}
		catch (RuntimeException ex) {
			if (!isUnknown(ex)) {
				throw ex;
			}
			answer = connection.scriptingCommands().eval(this.text, this.returnType, 1, keyAndArguments);
		}
		if (answer == null) {
			throw new IllegalStateException("Redis did not answer a script");
		}
		return answer;
	}

	/**
	 * Returns whether Redis does not know the script of a call, because it was not sent
	 * yet or was forgotten.
	 */
	static boolean isUnknown(RuntimeException ex) {
		return answers(ex, "NOSCRIPT");
	}

	/**
	 * Returns whether an exception contains an error message of Redis. Only the text of
	 * the message can be compared, because each client has its own exceptions, and an
	 * error within a script is nested more deeply.
	 * @param answer the text that the message contains
	 */
	static boolean answers(RuntimeException ex, String answer) {
		Throwable cause = NestedExceptionUtils.getMostSpecificCause(ex);
		String message = cause.getMessage();
		return message != null && message.contains(answer);
	}

}
