package io.idempotency.gauntlet;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An application on a server, and one of its handlers. Its text is what
 * {@code -Dgauntlet.only=} and {@link #parse} take.
 *
 * @param server the container
 * @param setting where records are kept, and how handlers are protected
 * @param companies what the application has besides
 * @param endpoint the handler
 */
record Composition(Server server, Setting setting, Set<Company> companies, Endpoint endpoint) {

	private static final List<String> LATE_HEADERS = List.of("x-after", "cache-control", "expires", "pragma",
			"x-content-type-options", "x-frame-options", "x-xss-protection", "vary");

	/**
	 * Returns whether the application without the starter has a proper answer.
	 */
	boolean makesSense() {
		if (this.setting.isTransactional() && this.endpoint.isAsynchronous()) {
			return false;
		}
		if (this.setting.isAnnotated() && this.endpoint.isUnannotated()) {
			return false;
		}
		if (this.setting.requiresKey() && this.endpoint == Endpoint.LAZY) {
			// Its annotation says that it needs none.
			return false;
		}
		Company needed = Company.neededBy(this.endpoint);
		return (needed == null || this.companies.contains(needed))
				&& this.companies.stream().allMatch((company) -> company.goesWith(this.endpoint));
	}

	/**
	 * Returns the headers that depend on when the server gets the response. On Tomcat,
	 * what filters set late is lost after a forward; held, it is not. Jetty does not
	 * compress what it knows to be short, and then does not vary. The error page of an
	 * asynchronous request, as one is that has waited, does not get the charset of a
	 * filter on Tomcat.
	 */
	List<String> leftToServer() {
		List<String> headers = new ArrayList<>();
		if (this.server == Server.TOMCAT && this.endpoint.isForwarding() && !this.endpoint.isIncluding()) {
			headers.addAll(LATE_HEADERS);
		}
		if (this.server == Server.TOMCAT && this.setting.isWaiting() && this.companies.contains(Company.FORCED_ENCODING)
				&& bareStatus() >= 400) {
			headers.add("content-type");
		}
		if (this.server == Server.JETTY && this.companies.contains(Company.COMPRESSION)) {
			headers.addAll(List.of("vary", "content-encoding", "etag"));
		}
		return headers;
	}

	/**
	 * Returns the headers that filters set before the chain, and that a filter takes away
	 * when it answers an exception. Nobody throws in a replay.
	 */
	List<String> resetByErrorPage() {
		return this.companies.contains(Company.ERROR_PAGE_FILTER) ? List.of("x-plain", "x-before") : List.of();
	}

	/**
	 * Returns the status without the starter.
	 */
	int bareStatus() {
		int status = this.endpoint.status();
		for (Company company : this.companies) {
			status = company.status(this.endpoint, status);
		}
		return status;
	}

	/**
	 * Returns what a retry may get.
	 */
	Set<Retry> expectedRetries() {
		boolean stored = this.setting.isStored(bareStatus());
		boolean answeredOutside = this.companies.contains(Company.ERROR_PAGE_FILTER)
				|| this.companies.contains(Company.CATCHING);
		return switch (this.endpoint.does()) {
			// S1
			case ANSWERS -> EnumSet.of(stored ? Retry.REPLAYED : Retry.RUNS_AGAIN);
			// S3
			case STREAMS -> EnumSet.of(Retry.NOT_STORED);
			// S5, S8
			case THROWS, THROWS_OUT -> {
				if (!stored) {
					yield EnumSet.of(Retry.RUNS_AGAIN);
				}
				yield answeredOutside ? EnumSet.of(Retry.REPLAYED, Retry.NOT_STORED) : EnumSet.of(Retry.REPLAYED);
			}
			// S7, T2
			case FAILS_TO_RENDER, FAILS_TO_RENDER_OUT -> {
				Set<Retry> retries = EnumSet.of(this.setting.isTransactional() ? Retry.RUNS_AGAIN : Retry.NOT_STORED);
				if (stored) {
					retries.add(Retry.REPLAYED);
				}
				yield retries;
			}
			// M7
			case NOT_RUN, NOT_RUN_OUT ->
				stored ? EnumSet.of(Retry.REPLAYED, Retry.RUNS_AGAIN) : EnumSet.of(Retry.RUNS_AGAIN);
			// S8
			case DENIED -> EnumSet.of(Retry.RUNS_AGAIN);
		};
	}

	/**
	 * Returns how many charges are left in the database after so many runs.
	 */
	int expectedRows(int runs) {
		if (!this.setting.isTransactional()) {
			return runs;
		}
		// T1, T2
		boolean committed = switch (this.endpoint.does()) {
			case ANSWERS -> this.setting.isStored(bareStatus());
			case STREAMS -> true;
			default -> false;
		};
		return committed ? 1 : 0;
	}

	/**
	 * Returns whether nothing is said of the charges: whether {@code sendError}, or what
	 * a filter of a RouterFunction makes of an exception, is the handler's answer.
	 */
	boolean leavesRowsOpen() {
		return (this.endpoint == Endpoint.SEND_ERROR || this.endpoint == Endpoint.FILTERED_ROUTE_THROW)
				&& this.setting.isTransactional() && this.setting.storesErrors();
	}

	static Composition parse(String text) {
		String[] parts = text.trim().split("[ \\[\\],]+");
		Set<Company> companies = EnumSet.noneOf(Company.class);
		Stream.of(parts).skip(2).limit(parts.length - 3).map(Company::valueOf).forEach(companies::add);
		return new Composition(Server.valueOf(parts[0]), Setting.valueOf(parts[1]), companies,
				Endpoint.valueOf(parts[parts.length - 1]));
	}

	static Stream<Composition> parseAll(String text) {
		return Arrays.stream(text.split(";")).map(Composition::parse);
	}

	@Override
	public String toString() {
		return this.server + " " + this.setting
				+ this.companies.stream().map(Company::name).collect(Collectors.joining(",", " [", "] "))
				+ this.endpoint;
	}

	/**
	 * What becomes of a retry.
	 */
	enum Retry {

		/**
		 * It gets the first response.
		 */
		REPLAYED,

		/**
		 * The handler runs once more.
		 */
		RUNS_AGAIN,

		/**
		 * It is told that the response was not stored.
		 */
		NOT_STORED

	}

}
