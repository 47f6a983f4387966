package io.idempotency.jdbc;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Marks the {@code DataSource} bean on whose connections leases are renewed. It connects
 * to the same database and schema as the application's, and nothing else uses it:
 * handlers that hold all connections of the application's pool then do not let leases
 * lapse.
 * <p>
 * It is needed only where the pool is not HikariCP, and Spring Boot has not made it.
 * Declare it with {@code @Bean(defaultCandidate = false)}, so that it is nobody else's
 * data source.
 */
@Target({ ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER, ElementType.TYPE, ElementType.ANNOTATION_TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Qualifier
public @interface RenewalDataSource {

}
