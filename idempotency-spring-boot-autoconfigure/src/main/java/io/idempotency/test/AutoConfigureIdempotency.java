package io.idempotency.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;

/**
 * Adds idempotency to a test that loads only a slice of the application.
 * {@code @WebMvcTest} includes it already, so the annotation is for other slices, and for
 * tests that list their configuration classes.
 * <p>
 * Records are kept in memory, whatever store the application uses, unless a property of
 * the test itself sets {@code idempotency.store}. They are removed after each test
 * method; see {@link KeepIdempotencyRecords}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ImportAutoConfiguration
public @interface AutoConfigureIdempotency {

}
