package io.idempotency.result;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import tools.jackson.databind.JsonNode;

/**
 * Compares the stored JSON of a result with the JSON of the value that was read from it.
 * Everything that was stored must be present. Members that were added to the type since
 * then must be empty, so that a later caller gets nothing that the first caller did not
 * get.
 */
final class SameJson {

	private SameJson() {
	}

	/**
	 * Requires that nothing was lost, changed, or added.
	 * @throws IllegalArgumentException if this is not the case; the message says where
	 */
	static void require(JsonNode stored, JsonNode now) {
		compare("", stored, now);
	}

	private static void compare(String place, JsonNode stored, JsonNode now) {
		if (stored.isObject() && now.isObject()) {
			compareObjects(place, stored, now);
		}
		else if (stored.isArray() && now.isArray()) {
			compareArrays(place, stored, now);
		}
		else if (!equal(stored, now)) {
			throw new IllegalArgumentException("the value of '" + place + "' is read as a different value");
		}
	}

	private static void compareObjects(String place, JsonNode stored, JsonNode now) {
		for (Map.Entry<String, JsonNode> member : stored.properties()) {
			JsonNode other = now.get(member.getKey());
			if (other != null) {
				compare(place + "/" + member.getKey(), member.getValue(), other);
			}
			else if (!isEmpty(member.getValue())) {
				throw new IllegalArgumentException(
						"the type has no property for '" + place + "/" + member.getKey() + "'");
			}
		}
		for (Map.Entry<String, JsonNode> member : now.properties()) {
			if (!stored.has(member.getKey()) && !isEmpty(member.getValue())) {
				throw new IllegalArgumentException(
						"the type has a value for '" + place + "/" + member.getKey() + "' that was not stored");
			}
		}
	}

	/**
	 * Compares arrays regardless of the order of their elements, because they may be
	 * sets.
	 */
	private static void compareArrays(String place, JsonNode stored, JsonNode now) {
		List<JsonNode> rest = new ArrayList<>();
		now.forEach(rest::add);
		for (JsonNode element : stored) {
			if (rest.isEmpty() || !removeSame(element, rest)) {
				throw new IllegalArgumentException("an element of '" + place + "' is read as a different value");
			}
		}
		if (!rest.isEmpty()) {
			throw new IllegalArgumentException("'" + place + "' has more elements than were stored");
		}
	}

	private static boolean removeSame(JsonNode element, List<JsonNode> rest) {
		for (int i = 0; i < rest.size(); i++) {
			if (isSame(element, rest.get(i))) {
				rest.remove(i);
				return true;
			}
		}
		return false;
	}

	private static boolean isSame(JsonNode stored, JsonNode now) {
		try {
			compare("", stored, now);
			return true;
		}
		catch (IllegalArgumentException ex) {
			return false;
		}
	}

	private static boolean equal(JsonNode stored, JsonNode now) {
		if (stored.isNumber() && now.isNumber()) {
			return stored.decimalValue().compareTo(now.decimalValue()) == 0;
		}
		return stored.equals(now);
	}

	private static boolean isEmpty(JsonNode value) {
		return value.isNull() || (value.isContainer() && value.isEmpty());
	}

}
