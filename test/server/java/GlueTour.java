import java.net.URI;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.glue.GlueClient;
import software.amazon.awssdk.services.glue.model.AlreadyExistsException;
import software.amazon.awssdk.services.glue.model.ConcurrentModificationException;
import software.amazon.awssdk.services.glue.model.EntityNotFoundException;
import software.amazon.awssdk.services.glue.model.Partition;
import software.amazon.awssdk.services.glue.model.PartitionInput;
import software.amazon.awssdk.services.glue.model.Column;
import software.amazon.awssdk.services.glue.model.TableInput;

/** The AWS SDK for Java, version 2: databases, tables, versions, partitions, pages by its paginators, errors by their classes. Ends with "ok", or says what is not as it should be. */
public class GlueTour {
  public static void main(String[] args) {
    try (GlueClient glue = GlueClient.builder().endpointOverride(URI.create(System.getenv("GLUE_ENDPOINT"))).region(Region.US_EAST_1).build()) {
      glue.createDatabase(r -> r.databaseInput(d -> d.name("java").parameters(Map.of("owner", "tour"))));
      expect(glue.getDatabase(r -> r.name("java")).database().parameters(), Map.of("owner", "tour"));
      refuses(AlreadyExistsException.class, () -> glue.createDatabase(r -> r.databaseInput(d -> d.name("java"))));
      TableInput table = TableInput.builder().name("t").partitionKeys(Column.builder().name("n").type("int").build())
          .storageDescriptor(s -> s.location("s3://b/t").columns(Column.builder().name("id").type("bigint").build())).build();
      glue.createTable(r -> r.databaseName("java").tableInput(table));
      glue.updateTable(r -> r.databaseName("java").versionId("0").tableInput(table.toBuilder().description("second").build()));
      refuses(ConcurrentModificationException.class, () -> glue.updateTable(r -> r.databaseName("java").versionId("0").tableInput(table.toBuilder().description("third").build())));
      expect(glue.getTableVersionsPaginator(r -> r.databaseName("java").tableName("t")).stream().flatMap(page -> page.tableVersions().stream()).map(v -> v.versionId()).toList(), List.of("1", "0"));
      for (int from = 0; from < 250; from += 50) {
        int first = from;
        List<PartitionInput> inputs = java.util.stream.IntStream.range(first, first + 50).mapToObj(n -> PartitionInput.builder().values(String.valueOf(n)).build()).toList();
        expect(glue.batchCreatePartition(r -> r.databaseName("java").tableName("t").partitionInputList(inputs)).errors(), List.of());
      }
      List<String> found = glue.getPartitionsPaginator(r -> r.databaseName("java").tableName("t").expression("n >= 100").maxResults(40)).stream().flatMap(page -> page.partitions().stream()).map(Partition::values).map(v -> v.get(0)).toList();
      expect(found, java.util.stream.IntStream.range(100, 250).mapToObj(String::valueOf).toList());
      expect(glue.getTablesPaginator(r -> r.databaseName("java")).stream().flatMap(page -> page.tableList().stream()).map(t -> t.name()).toList(), List.of("t"));
      refuses(EntityNotFoundException.class, () -> glue.getTable(r -> r.databaseName("java").name("none")));
      glue.deleteTable(r -> r.databaseName("java").name("t"));
      glue.deleteDatabase(r -> r.name("java"));
      refuses(EntityNotFoundException.class, () -> glue.getDatabase(r -> r.name("java")));
    }
    System.out.println("ok");
  }

  private static void expect(Object found, Object expected) {
    if (!expected.equals(found)) throw new AssertionError("expected " + expected + ", found " + found);
  }

  private static void refuses(Class<? extends Exception> expected, Runnable call) {
    try {
      call.run();
    } catch (Exception error) {
      expect(error.getClass(), expected);
      return;
    }
    throw new AssertionError("no " + expected.getSimpleName());
  }
}
