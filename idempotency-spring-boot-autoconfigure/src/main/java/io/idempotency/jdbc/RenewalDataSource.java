package io.idempotency.jdbc;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Marks the {@code DataSource} bean whose connections are used to renew leases. It must
 * connect to the same database and schema as the application's data source, and nothing
 * else should use it. Leases are then renewed even while handlers hold all connections of
 * the application's pool.
 * <p>
 * The bean is needed only if the application's pool is not HikariCP and was not created
 * by Spring Boot. Declare it with {@code @Bean(defaultCandidate = false)}, so that it is
 * not injected elsewhere as the data source.
 */
@Target({ ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER, ElementType.TYPE, ElementType.ANNOTATION_TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Qualifier
public @interface RenewalDataSource {

}
