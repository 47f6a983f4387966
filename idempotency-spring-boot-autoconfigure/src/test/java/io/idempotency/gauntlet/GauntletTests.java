package io.idempotency.gauntlet;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.fail;

/**
 * Applications at random, compared with themselves without the starter: G1, G2 and G3,
 * and by them S1, S3, S5, S7, S8, R1 to R3, C2, T1 and T2.
 * <p>
 * {@code -Dgauntlet.compositions} says how many, {@code -Dgauntlet.seed} takes another
 * walk than the build, which is red for a change of the code only, or with 0 any, and
 * {@code -Dgauntlet.only} takes compositions as failures print them, separated by
 * semicolons.
 */
class GauntletTests {

	private static final int COMPOSITIONS = Integer.getInteger("gauntlet.compositions", 200);

	/**
	 * How many handlers of one application are called: starting it is what takes time.
	 */
	private static final int PER_APPLICATION = 25;

	/**
	 * An application that fails more often fails for one reason.
	 */
	private static final int MOST_FAILURES_PER_APPLICATION = 8;

	private final long seed = seed();

	private final Map<Server, Integer> ran = new EnumMap<>(Server.class);

	private final Map<Composition, String> failures = new LinkedHashMap<>();

	@Test
	void chargesOnceInAnyCompanyAndAnswersAsWithoutStarter() {
		long start = System.nanoTime();
		String only = System.getProperty("gauntlet.only");
		if (only != null) {
			Composition.parseAll(only).forEach((composition) -> run(List.of(composition)));
		}
		else {
			walk(new Random(this.seed));
		}
		System.out.printf("Gauntlet: seed %s, compositions %s, failures %s, %s s%n", this.seed, this.ran,
				this.failures.size(), (System.nanoTime() - start) / 1_000_000_000);
		if (!this.failures.isEmpty()) {
			fail(report());
		}
	}

	private static long seed() {
		long given = Long.getLong("gauntlet.seed", 215873);
		return (given != 0) ? given : ThreadLocalRandom.current().nextInt(1, 1_000_000);
	}

	/**
	 * Goes through servers, settings and companies in turn, each time in another order,
	 * so that a short walk sees nearly all of them.
	 */
	private void walk(Random random) {
		Iterator<Server> servers = inTurn(random, Server.values());
		Iterator<Setting> settings = inTurn(random, Setting.values());
		Iterator<Company> companies = inTurn(random, Company.values());
		while (ran() < COMPOSITIONS) {
			Server server = servers.next();
			Setting setting = settings.next();
			Set<Company> chosen = choose(random, companies);
			List<Composition> compositions = new ArrayList<>();
			for (Endpoint endpoint : Endpoint.values()) {
				Composition composition = new Composition(server, setting, chosen, endpoint);
				if (composition.makesSense()) {
					compositions.add(composition);
				}
			}
			Collections.shuffle(compositions, random);
			// A company's own handler is why it is there.
			compositions.sort(Comparator
				.comparing((Composition composition) -> Company.neededBy(composition.endpoint()) == null));
			run(compositions.subList(0, Math.min(PER_APPLICATION, compositions.size())));
		}
	}

	private static Set<Company> choose(Random random, Iterator<Company> companies) {
		Set<Company> chosen = EnumSet.of(companies.next());
		for (int more = random.nextInt(4); more > 0; more--) {
			Company company = companies.next();
			if (chosen.stream().allMatch(company::goesWith)) {
				chosen.add(company);
			}
		}
		return chosen;
	}

	private static <T> Iterator<T> inTurn(Random random, T[] values) {
		return Stream.generate(() -> {
			List<T> turn = new ArrayList<>(List.of(values));
			Collections.shuffle(turn, random);
			return turn;
		}).flatMap(List::stream).iterator();
	}

	private void run(List<Composition> compositions) {
		Composition any = compositions.get(0);
		AppPair apps;
		try {
			apps = AppPair.start(any.server(), any.setting(), any.companies());
		}
		catch (RuntimeException ex) {
			this.ran.merge(any.server(), 1, Integer::sum);
			this.failures.put(any, "The application does not start: " + ex);
			return;
		}
		if (apps == null) {
			this.ran.merge(any.server(), 1, Integer::sum);
			return;
		}
		try (apps) {
			int failures = 0;
			for (Composition composition : compositions) {
				if (failures == MOST_FAILURES_PER_APPLICATION) {
					return;
				}
				this.ran.merge(composition.server(), 1, Integer::sum);
				try {
					apps.check(composition.endpoint());
				}
				catch (AssertionError | RuntimeException ex) {
					failures++;
					this.failures.put(composition, shortened(ex));
				}
			}
		}
	}

	private int ran() {
		return this.ran.values().stream().mapToInt(Integer::intValue).sum();
	}

	private String report() {
		return this.failures.entrySet()
			.stream()
			.map((failure) -> "-Dgauntlet.only='" + failure.getKey() + "'  " + failure.getValue())
			.collect(Collectors.joining("\n", "seed " + this.seed + "\n", "\n"));
	}

	private static String shortened(Throwable ex) {
		String line = String.valueOf(ex.getMessage()).lines().findFirst().orElse("");
		return (line.length() > 300) ? line.substring(0, 300) + "..." : line;
	}

}
