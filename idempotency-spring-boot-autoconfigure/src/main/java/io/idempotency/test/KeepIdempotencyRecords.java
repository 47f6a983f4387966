package io.idempotency.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Keeps the records of the memory store from one test method of the class to the next,
 * for example where ordered test methods are the steps of one scenario. It applies to
 * nested and derived test classes, too.
 * <p>
 * Without the annotation, the memory store of the test's application context is emptied
 * after each test method, since Spring caches the context: a key that one test method
 * used would still be known in the next. Where test methods run in parallel on one
 * context, the store is emptied when none of them is running any more.
 * <p>
 * Redis and databases are never emptied, because others may use them. Use a new key in
 * each test method there, such as that of
 * {@link IdempotencyRequestPostProcessors#idempotencyKey()}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
public @interface KeepIdempotencyRecords {

}
