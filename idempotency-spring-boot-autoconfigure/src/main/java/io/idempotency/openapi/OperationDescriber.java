package io.idempotency.openapi;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import io.idempotency.web.IdempotencyProperties;
import io.idempotency.web.ProtectedHandlers.Refusal;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.headers.Header;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;

/**
 * Adds the idempotency key and the responses that it can cause to the description of an
 * operation. The application's own descriptions are kept and extended.
 */
final class OperationDescriber {

	private final IdempotencyProperties properties;

	private final Components components;

	private final KeyHeader keyHeader;

	private final ProblemContent problemContent;

	OperationDescriber(IdempotencyProperties properties, int maxKeyLength, Components components) {
		this.properties = properties;
		this.components = components;
		this.keyHeader = new KeyHeader(properties, maxKeyLength, components);
		this.problemContent = new ProblemContent(components);
	}

	void describe(Operation operation, OperationProtection protection) {
		this.keyHeader.describe(operation, protection);
		if (operation.getResponses() == null) {
			operation.setResponses(new ApiResponses());
		}
		if (protection.isReplayed()) {
			describeReplay(operation.getResponses());
		}
		Map<Integer, List<Refusal>> refusals = protection.refusals()
			.stream()
			.collect(Collectors.groupingBy(Refusal::status, TreeMap::new, Collectors.toList()));
		refusals.forEach((status, reasons) -> change(operation.getResponses(), Integer.toString(status),
				(response) -> describeRefusal(response, reasons)));
	}

	private void describeReplay(ApiResponses responses) {
		List<String> stored = responses.keySet().stream().filter(this::isStored).toList();
		Integer replayStatus = this.properties.replayStatus();
		if (replayStatus == null) {
			stored.forEach((status) -> change(responses, status, this::addReplayHeader));
		}
		else {
			change(responses, replayStatus.toString(), (response) -> {
				describe(response, "The response to the first request with the key, as a retry gets it.");
				stored.stream().limit(1).forEach((status) -> addContent(response, contentOf(responses.get(status))));
				addReplayHeader(response);
			});
		}
	}

	/**
	 * Returns whether responses with a status, or with a status of a range such as
	 * {@code 2XX}, may be stored.
	 */
	private boolean isStored(String status) {
		if (!status.matches("[1-5](?:\\d\\d|XX)")) {
			return false;
		}
		int first = Integer.parseInt(status.replace('X', '0'));
		int last = Integer.parseInt(status.replace('X', '9'));
		return this.properties.storeOnStatuses()
			.stream()
			.anyMatch((range) -> range.first() <= last && first <= range.last());
	}

	private void addReplayHeader(ApiResponse response) {
		addHeader(response, this.properties.replayHeader(),
				new Header().description("Marks the stored response of the first request with the key.")
					.schema(new StringSchema().addEnumItem("true")));
	}

	private void describeRefusal(ApiResponse response, List<Refusal> refusals) {
		String list = refusals.stream()
			.map((refusal) -> "- `" + refusal.reason().slug() + "`: " + refusal.reason().title())
			.collect(Collectors.joining("\n"));
		describe(response, "The request is refused because of its idempotency key:\n\n" + list);
		this.problemContent.addTo(response, refusals);
		String temporary = refusals.stream()
			.filter(Refusal::retryLater)
			.map((refusal) -> "`" + refusal.reason().slug() + "`")
			.collect(Collectors.joining(", "));
		if (!temporary.isEmpty()) {
			addHeader(response, HttpHeaders.RETRY_AFTER,
					new Header()
						.description("With " + temporary
								+ ": the number of seconds to wait before the request is repeated with the same key.")
						.schema(new IntegerSchema()));
		}
	}

	private static void describe(ApiResponse response, String text) {
		String own = response.getDescription();
		response.setDescription((own != null && !own.isBlank()) ? own + "\n\n" + text : text);
	}

	private static void addHeader(ApiResponse response, String name, Header header) {
		Map<String, Header> headers = response.getHeaders();
		if (headers == null || headers.keySet().stream().noneMatch(name::equalsIgnoreCase)) {
			response.addHeaderObject(name, header);
		}
	}

	private @Nullable Content contentOf(@Nullable ApiResponse response) {
		ApiResponse resolved = (response != null) ? resolve(response) : null;
		return (resolved != null) ? resolved.getContent() : null;
	}

	/**
	 * Replaces a response with a changed copy, because the document may use the same
	 * object in several places. A response whose reference cannot be resolved is not
	 * changed.
	 */
	private void change(ApiResponses responses, String status, Consumer<ApiResponse> change) {
		ApiResponse copy = new ApiResponse();
		ApiResponse response = responses.get(status);
		if (response != null) {
			ApiResponse original = resolve(response);
			if (original == null) {
				return;
			}
			copy.setDescription(original.getDescription());
			copy.setLinks(original.getLinks());
			copy.setExtensions(original.getExtensions());
			if (original.getHeaders() != null) {
				copy.setHeaders(new LinkedHashMap<>(original.getHeaders()));
			}
			addContent(copy, original.getContent());
		}
		change.accept(copy);
		responses.addApiResponse(status, copy);
	}

	private @Nullable ApiResponse resolve(ApiResponse response) {
		String reference = response.get$ref();
		if (reference == null) {
			return response;
		}
		Map<String, ApiResponse> shared = this.components.getResponses();
		return (shared != null) ? shared.get(reference.substring(reference.lastIndexOf('/') + 1)) : null;
	}

	private static void addContent(ApiResponse response, @Nullable Content content) {
		if (content != null) {
			Content all = (response.getContent() != null) ? response.getContent() : new Content();
			content.forEach(all::putIfAbsent);
			response.setContent(all);
		}
	}

}
