package io.idempotency.gauntlet;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Applications at random, compared with themselves without the starter: G1, G2 and G3,
 * and by them S1, S3, S5, S7, S8, R1 to R3, C2, T1 and T2.
 * <p>
 * {@code -Dgauntlet.compositions} says how many, {@code -Dgauntlet.seed} makes a walk
 * again, and {@code -Dgauntlet.only} takes compositions as failures print them, separated
 * by semicolons.
 */
class GauntletTests {

	private static final int COMPOSITIONS = Integer.getInteger("gauntlet.compositions", 400);

	/**
	 * How many handlers of one application are called: starting it is what takes time.
	 */
	private static final int PER_APPLICATION = Math.max(25, Math.min(40, COMPOSITIONS / 12));

	private final long seed = Long.getLong("gauntlet.seed", ThreadLocalRandom.current().nextInt(1_000_000));

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
		assertThat(this.failures).as(report()).isEmpty();
	}

	private void walk(Random random) {
		while (ran() < COMPOSITIONS) {
			Server server = pick(random, Server.values());
			Setting setting = pick(random, Setting.values());
			Set<Company> companies = companies(random);
			List<Composition> compositions = new ArrayList<>();
			for (Endpoint endpoint : Endpoint.values()) {
				Composition composition = new Composition(server, setting, companies, endpoint);
				if (composition.makesSense()) {
					compositions.add(composition);
				}
			}
			Collections.shuffle(compositions, random);
			run(compositions.subList(0, Math.min(PER_APPLICATION, compositions.size())));
		}
	}

	private static Set<Company> companies(Random random) {
		Set<Company> companies = EnumSet.noneOf(Company.class);
		int count = 1 + random.nextInt(4);
		while (companies.size() < count) {
			Company company = pick(random, Company.values());
			if (companies.stream().allMatch(company::goesWith)) {
				companies.add(company);
			}
		}
		return companies;
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
			for (Composition composition : compositions) {
				this.ran.merge(composition.server(), 1, Integer::sum);
				try {
					apps.check(composition.endpoint());
				}
				catch (AssertionError | RuntimeException ex) {
					this.failures.put(composition, String.valueOf(ex.getMessage()).lines().findFirst().orElse(""));
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

	private static <T> T pick(Random random, T[] values) {
		return values[random.nextInt(values.length)];
	}

}
