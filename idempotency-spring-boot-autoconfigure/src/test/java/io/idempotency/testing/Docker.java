package io.idempotency.testing;

import org.testcontainers.DockerClientFactory;

/**
 * Whether servers can run in containers.
 */
final class Docker {

	static final boolean ANSWERS = DockerClientFactory.instance().isDockerAvailable();

	private Docker() {
	}

}
