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
 * A Lua script on one key. Its text is read and digested once, and arguments are sent as
 * the bytes that they are: the executor of scripts of Spring Data would serialize each of
 * them at each call.
 *
 * @param text what Redis is sent if it does not know the script
 * @param sha1 what it is sent otherwise
 * @param returnType what it answers
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
			throw new IllegalStateException("Every Java has SHA-1, in which Redis names scripts", ex);
		}
	}

	private static String read(String name) throws IOException {
		return new ClassPathResource(name + ".lua", RedisLuaScript.class).getContentAsString(StandardCharsets.UTF_8);
	}

	/**
	 * Runs the script on a connection.
	 * @param keyAndArguments its key, and then its arguments
	 */
	<T> T run(RedisConnection connection, byte[]... keyAndArguments) {
		T answer;
		try {
			answer = connection.scriptingCommands().evalSha(this.sha1, this.returnType, 1, keyAndArguments);
		}
		catch (RuntimeException ex) {
			if (!isNotKnown(ex)) {
				throw ex;
			}
			answer = connection.scriptingCommands().eval(this.text, this.returnType, 1, keyAndArguments);
		}
		if (answer == null) {
			throw new IllegalStateException("Redis did not answer a script");
		}
		return answer;
	}

	private static boolean isNotKnown(RuntimeException ex) {
		return answers(ex, "NOSCRIPT");
	}

	/**
	 * Returns whether an exception is an answer of Redis. Only the text tells, and each
	 * client wraps it in exceptions of its own; from within a script, it is further
	 * inside.
	 * @param answer what the answer contains
	 */
	static boolean answers(RuntimeException ex, String answer) {
		Throwable cause = NestedExceptionUtils.getMostSpecificCause(ex);
		String message = cause.getMessage();
		return message != null && message.contains(answer);
	}

}
