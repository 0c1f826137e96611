"""SageMaker containers: images, model archives, environments, and the code that runs inside."""
